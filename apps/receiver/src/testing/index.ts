/** A real receiver process and its clients, for the tests of this app and for longer runs elsewhere. */
export { type Crowd, type CrowdKind, gatherCrowd, type Latencies, measurePosts } from './crowd.ts';
export { type Answer, type LogLine, makeCertificates, oneEvent, ReceiverProcess, type TestCertificates } from './receiver-process.ts';
