/**
 * What Filebeat does on a Wazuh server, as far as the archive goes (wazuh 4.14.7 extensions/filebeat/7.x, extensions/elasticsearch/7.x):
 * Wazuh's own index template, its ingest pipeline, and one document a line. Filebeat itself, and the pipeline's geoip, are not here.
 */

const TEMPLATE = {
  order: 0,
  index_patterns: ['wazuh-alerts-4.x-*', 'wazuh-archives-4.x-*'],
  settings: {
    'index.number_of_shards': '3',
    'index.number_of_replicas': '0',
    'index.refresh_interval': '5s',
    'index.mapping.total_fields.limit': 10_000,
  },
  mappings: {
    dynamic_templates: [{ string_as_keyword: { mapping: { type: 'keyword' }, match_mapping_type: 'string' } }],
    date_detection: false,
    properties: {
      '@timestamp': { type: 'date' },
      timestamp: { type: 'date', format: 'date_optional_time||epoch_millis' },
      agent: { properties: { id: { type: 'keyword' }, ip: { type: 'keyword' }, name: { type: 'keyword' } } },
      full_log: { type: 'text' },
      location: { type: 'keyword' },
      data: { properties: { srcip: { type: 'keyword' }, timestamp: { type: 'date' } } },
    },
  },
};

const PIPELINE = {
  processors: [
    { json: { field: 'message', add_to_root: true } },
    { date: { field: 'timestamp', target_field: '@timestamp', formats: ['ISO8601'] } },
    {
      date_index_name: {
        field: 'timestamp',
        date_rounding: 'd',
        index_name_prefix: 'wazuh-archives-4.x-',
        index_name_format: 'yyyy.MM.dd',
      },
    },
    { remove: { field: ['message'], ignore_missing: true } },
  ],
};

export interface BulkOutcome {
  readonly taken: number;
  /** In the indexer's words. */
  readonly refused: readonly string[];
}

/** Sets up what `filebeat setup` does. */
export async function setUpFilebeat(indexer: string): Promise<void> {
  await call(indexer, 'PUT', '/_template/wazuh', TEMPLATE);
  await call(indexer, 'PUT', '/_ingest/pipeline/wazuh-archives', PIPELINE);
}

/** @param lines of archives.json */
export async function sendArchive(indexer: string, lines: readonly string[]): Promise<BulkOutcome> {
  const outcome: { taken: number; refused: string[] } = { taken: 0, refused: [] };
  for (let start = 0; start < lines.length; start += 500) {
    const body = lines.slice(start, start + 500).flatMap((message) => ['{"index":{"_index":"filebeat"}}', JSON.stringify({ message })]);
    const response = await fetch(`${indexer}/_bulk?pipeline=wazuh-archives`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${body.join('\n')}\n`,
    });
    const { items } = (await response.json()) as {
      items: { index: { status: number; error?: { reason: string; caused_by?: { reason: string } } } }[];
    };
    for (const { index } of items)
      if (index.error === undefined) outcome.taken++;
      else outcome.refused.push(`${index.error.reason} ${index.error.caused_by?.reason ?? ''}`);
  }
  await call(indexer, 'POST', '/wazuh-archives-4.x-*/_refresh');
  return outcome;
}

export async function call(indexer: string, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${indexer}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok && response.status !== 404) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
