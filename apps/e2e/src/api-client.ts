import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  ApiException,
  AppsV1Api,
  AuthenticationV1Api,
  CoreV1Api,
  createConfiguration,
  Exec,
  KubeConfig,
  type Middleware,
  ServerConfiguration,
  type V1Status,
} from '@kubernetes/client-node';
import type { Trail, TrailEntry } from './trail.ts';

/** The header by which a client may choose the audit ID of its own request (k8s.io/apiserver pkg/endpoints/filters/audit_init.go). */
const AUDIT_ID = 'Audit-ID';

/** One user at one API server. Every request is written into the trail. */
export interface ApiClient {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly authentication: AuthenticationV1Api;
  /** Runs a command over a websocket, as kubectl does. Resolves when the API server has told how it ended. */
  exec(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    command: readonly string[],
  ): Promise<ExecResult>;
  /** A plain GET, for what the typed calls cannot say. Resolves with the status code. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<number>;
  /** The trail entry of the newest request of this client. */
  lastRequest(): TrailEntry;
}

export interface ExecResult {
  readonly stdout: string;
  readonly status: V1Status;
  readonly request: TrailEntry;
}

export interface ApiClientOptions {
  readonly kubeconfig: string;
  readonly user: string;
  readonly apiServer: number;
  /** In the place of the certificate. */
  readonly token?: string;
}

export function createApiClient({ kubeconfig, user, apiServer, token }: ApiClientOptions, trail: Trail): ApiClient {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  if (token !== undefined) config.users = config.users.map(({ name }) => ({ name, token }));
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');

  let last: TrailEntry | undefined;
  const begin = (method: string, path: string): TrailEntry => {
    last = trail.begin({ user, apiServer, method, path });
    return last;
  };
  const record: Middleware = {
    async pre(request) {
      const { pathname, search } = new URL(request.getUrl());
      request.setHeaderParam(AUDIT_ID, begin(request.getHttpMethod(), `${pathname}${search}`).auditId);
      return request;
    },
    async post(response) {
      trail.answer(response.headers[AUDIT_ID.toLowerCase()] ?? '', response.httpStatusCode);
      return response;
    },
  };
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [record],
  });
  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    authentication: new AuthenticationV1Api(configuration),
    async exec({ namespace, name, container }, command) {
      const entry = begin('GET', `/api/v1/namespaces/${namespace}/pods/${name}/exec`);
      const stdout = new PassThrough();
      const said = text(stdout);
      const status = await new Promise<V1Status>((resolve, reject) => {
        const upgrade = new Exec(withHeader(config, entry.auditId));
        upgrade
          .exec(namespace, name, container, [...command], stdout, null, null, false, resolve)
          .catch((event: unknown) => reject(handshakeError(event)));
      });
      trail.answer(entry.auditId, 101);
      stdout.end();
      return { stdout: await said, status, request: entry };
    },
    async get(path, headers = {}) {
      const { auditId } = begin('GET', path);
      const options: RequestOptions = { headers: { ...headers, [AUDIT_ID]: auditId } };
      await config.applyToHTTPSOptions(options);
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(`${cluster.server}${path}`, options, resolve).on('error', reject).end();
      });
      await text(response);
      trail.answer(auditId, response.statusCode ?? 0);
      return response.statusCode ?? 0;
    },
    lastRequest() {
      if (last === undefined) throw new Error('this client has sent no request yet');
      return last;
    },
  };
}

/** The status code of a request that must fail; throws when it does not. */
export async function statusOf(request: Promise<unknown>): Promise<number> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
  throw new Error('the request should have been refused, and was not');
}

/** The websocket client takes its headers from the options that the kubeconfig fills in. */
function withHeader(config: KubeConfig, auditId: string): KubeConfig {
  const own = Object.create(config) as KubeConfig;
  own.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options);
    options.headers = { ...options.headers, [AUDIT_ID]: auditId };
  };
  return own;
}

/** A failed handshake rejects with the websocket library's event, which prints as `[object ErrorEvent]`. */
function handshakeError(event: unknown): Error {
  return new Error(`the websocket was refused: ${(event as { message?: string }).message ?? String(event)}`);
}
