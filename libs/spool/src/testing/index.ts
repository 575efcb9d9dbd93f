/** For tests of whoever uses the spool: a disk that loses power, and one that fails or ends the process at a named point. */
export { nodeFileSystem } from '../node-file-system.ts';
export { type FaultHook, type FaultMoment, type FaultPoint, withFaultPoints } from './fault-points.ts';
export { createPowerLossDisk, type PowerLossDisk, systemError } from './power-loss-disk.ts';
