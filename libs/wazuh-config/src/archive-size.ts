/** What an archive of every agent's events would take a day. Bytes are of 10^9 to the gigabyte, as disks are sold. */
export interface ArchiveSize {
  readonly eventsPerSecond: number;
  readonly diskGigabytesADay: number;
  readonly indexGigabytesADay: number;
}

/** Two readings of wazuh-analysisd's own counters, some time apart. */
export interface ArchiveSample {
  readonly atMs: number;
  readonly eventsReceived: number;
}

/**
 * archives.json holds each event twice, as full_log and as data (wazuh v4.14.7 src/analysisd/output/jsonout.c:33), with its envelope.
 * Wazuh compresses yesterday's file; how far depends on the events, so it is not counted.
 */
const COPIES_IN_ARCHIVE = 2;
const ENVELOPE_BYTES = 350;
/** The index holds source and fields: about the size of the line without compression, one replica not counted. */
const INDEX_FACTOR = 1.1;
const SECONDS_A_DAY = 86_400;

/**
 * @param averageEventBytes size of a message: measured by the caller, e.g. of archives.json or of the receiver's own books
 * @throws RangeError when the readings are not apart in time, or counters went back (a restart in between)
 */
export function estimateArchive(first: ArchiveSample, second: ArchiveSample, averageEventBytes: number): ArchiveSize {
  const seconds = (second.atMs - first.atMs) / 1_000;
  const events = second.eventsReceived - first.eventsReceived;
  if (!(seconds > 0) || events < 0) throw new RangeError('two readings of one run of wazuh-analysisd, some time apart');
  const eventsPerSecond = events / seconds;
  const bytesADay = eventsPerSecond * SECONDS_A_DAY * (COPIES_IN_ARCHIVE * averageEventBytes + ENVELOPE_BYTES);
  return { eventsPerSecond, diskGigabytesADay: bytesADay / 1e9, indexGigabytesADay: (bytesADay * INDEX_FACTOR) / 1e9 };
}
