/**
 * The family of a client by its user agent. A hint, never a proof: the client writes it. Made once for each agent: a cluster
 * has some dozen, and an attacker who sends a new one with each request meets a bounded table.
 */
export function clientFamily(userAgent: string): string {
  const known = FAMILIES.get(userAgent);
  if (known !== undefined) return known;
  const family = familyOf(userAgent.slice(0, MAX_USER_AGENT_CHARACTERS));
  if (FAMILIES.size >= MAX_REMEMBERED) FAMILIES.clear();
  FAMILIES.set(userAgent, family);
  return family;
}

const FAMILIES = new Map<string, string>();
const MAX_REMEMBERED = 1_024;
/** kube-apiserver cuts there; another source of events may not. */
const MAX_USER_AGENT_CHARACTERS = 1_024;

function familyOf(userAgent: string): string {
  if (userAgent === '') return 'none';
  return PATTERNS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'other';
}

/** First match counts. Component names before the library that all of them are built on. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^kubectl/i, 'kubectl'],
  [/^(?:kube-apiserver|kube-controller-manager|kube-scheduler|kubelet|kube-proxy|cloud-controller-manager)\//i, 'kubernetes'],
  [/^helm|^Go-http-client.*helm/i, 'helm'],
  [/^oc\/|^openshift/i, 'oc'],
  [/^argocd|^flux|^kustomize-controller|^source-controller/i, 'gitops'],
  [/^terraform|^hashicorp|^pulumi/i, 'terraform'],
  [/^k9s|^lens|^headlamp|^freelens/i, 'desktop'],
  [/^curl\//i, 'curl'],
  [/^wget/i, 'wget'],
  [/python|^okhttp.*python/i, 'python'],
  [/^java|^okhttp|^fabric8/i, 'java'],
  [/^node|axios|undici|kubernetes-javascript/i, 'javascript'],
  [/^ruby|^perl|^php|powershell|^libwww/i, 'script'],
  [/kube-hunter|peirates|kubescape|kubeletctl|nmap|nikto|sqlmap|masscan|zgrab|gobuster/i, 'scanner'],
  [/^mozilla\//i, 'browser'],
  [/\/v?\d+\.\d+\.\d+.* kubernetes\/|client-go/i, 'client-go'],
  [/^go-http-client/i, 'go'],
];
