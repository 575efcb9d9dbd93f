/** Failures that a person can act on. */
export { CODES, type FailureCode } from './codes.ts';
export { explainFailure, Failure } from './failure.ts';
