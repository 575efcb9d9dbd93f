/** Of the product as a whole: packages of the workspace have none of their own. */
export const VERSION = '0.1.0';
