/** The places of the datagrams that are longer than a transport takes; undefined when there is none, which is nearly always. */
export function oversizeIndexes(datagrams: readonly Uint8Array[], maxBytes: number): number[] | undefined {
  let indexes: number[] | undefined;
  for (let index = 0; index < datagrams.length; index++) {
    if ((datagrams[index] as Uint8Array).length <= maxBytes) continue;
    indexes ??= [];
    indexes.push(index);
  }
  return indexes;
}
