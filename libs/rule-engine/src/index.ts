/** Decodes and matches an event exactly as wazuh-analysisd 4.14 does, without Wazuh, without I/O, and without ever hanging. */
export { compilePcre2 } from './pcre2/compile.ts';
