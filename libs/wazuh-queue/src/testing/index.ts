/** Stand-ins for the far end of Wazuh's queue, for tests and fault runs of other packages. */
export { killProcess, startReaderProcess } from './processes.ts';
export { type StandInDaemon, startStandInDaemon } from './stand-in-daemon.ts';
