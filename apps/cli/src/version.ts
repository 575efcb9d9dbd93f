/** Of the product as a whole: packages of the workspace have none of their own. */
/** The version of the whole product. */
export const VERSION = '0.1.0';
