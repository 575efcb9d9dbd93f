import { Failure } from '@k8s-audit/failure';
import { type ApiAnswer, basicAuthorization, callApi } from '../api-call.ts';
import { bodyOf, type IndexerOptions } from './indexer.ts';
import type { JsonObject, Kept } from './kept.ts';

/** The Wazuh dashboard, an OpenSearch Dashboards 2. Every call throws INDEXER_FAILED with its own words. */
export interface Dashboard {
  readonly url: string;
  /** Index pattern, saved search and the like: read, imported, removed one by one, so that each can be put back. */
  savedObject(type: string, id: string): Kept;
}

/** Users of the dashboard are the indexer's. */
export function createDashboard(options: IndexerOptions): Dashboard {
  return {
    url: options.url,
    savedObject(type, id) {
      const path = `/api/saved_objects/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
      return {
        async read() {
          const answer = await send(options, 'GET', path);
          return answer.status === 404 ? undefined : importable(bodyOf(answer, `GET ${path}`));
        },
        async write(body) {
          const form = multipart(`${id}.ndjson`, `${JSON.stringify(body)}\n`);
          const outcome = bodyOf(await send(options, 'POST', '/api/saved_objects/_import?overwrite=true', form), 'the import');
          // It answers 200 also when it has taken nothing.
          if (outcome['success'] !== true || outcome['successCount'] !== 1)
            throw new Failure(
              'INDEXER_FAILED',
              `The dashboard has not imported ${type} ${id}: ${JSON.stringify(outcome['errors'] ?? outcome)}`,
              {
                hint: 'Import it by hand, and see what it says: Stack management → Saved objects → Import.',
              },
            );
        },
        async remove() {
          const answer = await send(options, 'DELETE', `${path}?force=true`);
          if (answer.status !== 404) bodyOf(answer, `DELETE ${path}`);
        },
      };
    },
  };
}

/** What an import takes: the rest is the dashboard's own. */
function importable({ id, type, attributes, references, migrationVersion }: JsonObject): JsonObject {
  return { id, type, attributes, references: references ?? [], ...(migrationVersion === undefined ? {} : { migrationVersion }) };
}

const BOUNDARY = 'k8s-audit-5c0a6c4d';

function multipart(name: string, text: string): { readonly type: string; readonly text: string } {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${encodeURIComponent(name)}"\r\n`;
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    text: `${head}content-type: application/ndjson\r\n\r\n${text}\r\n--${BOUNDARY}--\r\n`,
  };
}

async function send(options: IndexerOptions, method: string, path: string, body?: { type: string; text: string }): Promise<ApiAnswer> {
  const { login } = options;
  try {
    return await callApi(options, {
      method,
      path,
      // The tenant that everybody sees.
      headers: { 'osd-xsrf': 'true', securitytenant: 'global' },
      ...(login === undefined ? {} : { authorization: basicAuthorization(login.user, login.password) }),
      ...(body === undefined ? {} : { body }),
    });
  } catch (cause) {
    throw new Failure('INDEXER_FAILED', `${options.url}: ${(cause as Error).message}`, {
      hint: 'Check the address, the port (443 or 5601) and the authority of its certificate (--indexer-ca).',
      cause,
    });
  }
}
