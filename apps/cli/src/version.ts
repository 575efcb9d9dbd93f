/** The version of the whole product: packages of the workspace have none of their own. */
export const VERSION = '0.1.0';
