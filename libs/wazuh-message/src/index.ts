/** What wazuh-analysisd reads: the datagram of its queue, and the frames of its control sockets. Pure; adapters send it. */
export { ControlFrameReader, encodeControlFrame, MAX_CONTROL_FRAME_BYTES } from './control-frame.ts';
export { AGENT_MAX_DATAGRAM_BYTES, frame, jsonBudget, MANAGER_MAX_DATAGRAM_BYTES, parseDatagram, type QueueMessage } from './datagram.ts';
export { clusterLocation, escapeLocation, isClusterName, PLAIN_LOCATION } from './location.ts';
