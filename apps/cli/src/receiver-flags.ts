/**
 * How Node runs the receiver, wherever it is started.
 *
 * Most of what the receiver makes lives for one batch, and most of its bytes lie in buffers outside V8's heap. With room for a batch, with
 * those bytes counted against the heap's limit instead of one of their own, and without helper threads (there is little to share among
 * them), V8's collector takes a fourth less of the whole CPU (docs/reference/performance.md).
 */
export const RECEIVER_FLAGS: readonly string[] = [
  '--max-semi-space-size=32',
  '--external-memory-accounted-in-global-limit',
  '--single-threaded-gc',
];
