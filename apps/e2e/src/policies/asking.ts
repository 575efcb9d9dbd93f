import { Agent, request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Asker, Question } from './questions.ts';

/** Sends requests to one API server, each under an audit ID of its own choice. */
export interface AskingClient {
  /** Resolves with the status code when the answer has ended. */
  ask(question: Question, auditId: string): Promise<number>;
  close(): void;
}

const ANSWER_WITHIN_MS = 60_000;

/** `kubeconfig` gives the text for a user; whoever has no certificate takes the authority from the administrator's. */
export function createAskingClient(kubeconfig: (user: string) => string): AskingClient {
  const agents = new Map<string, Agent>();
  const server = (): URL => new URL(configOf(kubeconfig('admin')).getCurrentCluster()?.server ?? '');
  const agentFor = (asker: Asker | 'admin'): Agent => {
    const known = agents.get(asker);
    if (known !== undefined) return known;
    const hasCertificate = asker !== 'nobody' && asker !== 'anonymous';
    const options: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
    configOf(kubeconfig(hasCertificate ? asker : 'admin')).applyToHTTPSOptions(options as never);
    const agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
      ca: options.ca,
      ...(hasCertificate ? { cert: options.cert, key: options.key } : {}),
    });
    agents.set(asker, agent);
    return agent;
  };
  return {
    ask: ({ method, url, asker }, auditId) => send(server(), agentFor(asker), method, url, asker, auditId),
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function send(server: URL, agent: Agent, method: string, url: string, asker: Asker, auditId: string): Promise<number> {
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: server.hostname,
        port: server.port,
        path: url,
        method,
        agent,
        timeout: ANSWER_WITHIN_MS,
        headers: {
          'Audit-ID': auditId,
          ...(asker === 'nobody' ? { Authorization: 'Bearer of-nobody' } : {}),
          ...(hasBody ? { 'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' } : {}),
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url}: no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    outgoing.on('error', reject);
    outgoing.end(hasBody ? '{}' : undefined);
  });
}

function configOf(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}
