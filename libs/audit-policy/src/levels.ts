/** How much of a request is recorded, least first (kubernetes/apiserver pkg/apis/audit/helpers.go orders them). */
export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

/** When an event is made: on arrival, when headers of a long-running response are out, at the end, instead of an end. */
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];
