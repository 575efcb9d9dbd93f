import fc from 'fast-check';

/**
 * In CI the random cases of property tests are the same each time, so that a change is judged by what it changes and a failure can be had
 * again. Elsewhere each run draws new ones, and `npm run fuzz` draws many more.
 */
if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: 20_261_126 });
