import type { AuditEvent } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asText, asTexts, at } from './json-reading.ts';
import { queryValues } from './query.ts';

/** Requests that reach past the API into a container, a service or a kubelet. All they carry stands in the URI. */
export function connectFacts(event: AuditEvent, facts: FactDraft): void {
  switch (event.objectRef?.subresource) {
    case 'exec':
      execFacts(event, facts);
      return;
    case 'attach':
    case 'log':
      setFact(facts, 'container', queryValues(event.requestURI, 'container')[0]);
      if (event.objectRef.subresource === 'attach') setFlag(facts, 'tty', isOn(queryValues(event.requestURI, 'tty')));
      return;
    case 'proxy':
      setFact(facts, 'proxyPath', proxyPath(event.requestURI));
      return;
    default:
  }
}

function execFacts({ requestURI, requestObject }: AuditEvent, facts: FactDraft): void {
  const inQuery = queryValues(requestURI, 'command');
  const words = inQuery.length > 0 ? inQuery : asTexts(at(requestObject, 'command'));
  setFact(facts, 'command', words.join(' '));
  setFact(facts, 'container', queryValues(requestURI, 'container')[0] ?? asText(at(requestObject, 'container')));
  setFlag(facts, 'tty', isOn(queryValues(requestURI, 'tty')) || at(requestObject, 'tty') === true);
  setFlag(facts, 'shell', words.some(isShell));
}

/** Go's strconv.ParseBool, as the API server reads the parameter. */
function isOn(values: readonly string[]): boolean {
  return values.some((value) => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value));
}

/** As a word of its own, whichever place: `env sh`, `nsenter -t 1 -- bash`. */
function isShell(word: string): boolean {
  return /^(?:.*\/)?(?:ba|da|a|z|k|c|tc|fi|r|pw)?sh(?:\.exe)?$|^(?:.*\/)?(?:busybox|powershell(?:\.exe)?|cmd\.exe)$/.test(word);
}

/** `/api/v1/nodes/worker-1/proxy/run/default/web/web` is `/run/default/web/web`. The first `/proxy` behind the object's name counts. */
function proxyPath(uri: string): string {
  const query = uri.indexOf('?');
  const path = query < 0 ? uri : uri.slice(0, query);
  const found = /^\/api\/v1\/(?:namespaces\/[^/]+\/)?(?:nodes|pods|services)\/[^/]+\/proxy(\/.*)?$/.exec(path);
  return found?.[1] ?? '/';
}
