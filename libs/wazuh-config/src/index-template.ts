/**
 * An addition to Wazuh's index template, as a legacy template of order 1: it merges with Wazuh's own (order 0), where a composable
 * one would replace it. Filebeat's `setup.template.overwrite` touches only its own. Put to `_template/k8s-audit` of the indexer.
 *
 * Wazuh maps every text to a keyword without a limit, and a keyword above 32,766 bytes makes the indexer refuse the whole document
 * (facts of the wire event: bodies are cut below that; this holds for what else may come). Bodies are kept, not searched.
 */
export const INDEX_TEMPLATE: object = {
  order: 1,
  index_patterns: ['wazuh-alerts-4.x-*', 'wazuh-archives-4.x-*'],
  mappings: {
    properties: {
      data: {
        properties: {
          k8s: {
            properties: {
              request: body(),
              response: body(),
              requestReceivedTimestamp: time(),
              stageTimestamp: time(),
              requestURI: { type: 'keyword', ignore_above: 8191 },
              userAgent: { type: 'keyword', ignore_above: 8191 },
            },
          },
        },
      },
    },
  },
};

export const INDEX_TEMPLATE_NAME = 'k8s-audit';

function body(): object {
  return { type: 'keyword', index: false, doc_values: false, ignore_above: 8191 };
}

/** Malformed is kept and not indexed: a document must never be lost for its time. */
function time(): object {
  return { type: 'date', format: 'strict_date_optional_time_nanos', ignore_malformed: true };
}
