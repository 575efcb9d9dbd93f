/**
 * Which objects hold credentials, and where in them. The policy names resources; a kind is known beside each resource of
 * Kubernetes' own, because lists, templates and `last-applied-configuration` carry objects under other resources' names.
 */
export interface RedactionPolicy {
  readonly resources: readonly SensitiveResource[];
}

export interface SensitiveResource {
  /** `secrets`, or `serviceaccounts/token` with its subresource. */
  readonly resource: string;
  /** Any group when absent. The core group is the empty text. */
  readonly apiGroup?: string;
  /** Objects of this kind are redacted wherever they stand. */
  readonly kind?: string;
  /**
   * Dotted paths of what is redacted, with everything below; keys stay. `*` stands for any key. The single path `*` means
   * everything but apiVersion, kind and metadata.
   */
  readonly fields: readonly string[];
}

/** What is never written, whatever the configuration says. */
export const SENSITIVE_RESOURCES: readonly SensitiveResource[] = [
  { resource: 'secrets', apiGroup: '', kind: 'Secret', fields: ['data', 'stringData'] },
  { resource: 'serviceaccounts/token', apiGroup: '', kind: 'TokenRequest', fields: ['status.token'] },
  { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io', kind: 'TokenReview', fields: ['spec.token'] },
  // The subject of a request is what detections need, and stays (csr-subject.ts). The issued certificate opens the door
  // together with a key that an attacker may hold.
  {
    resource: 'certificatesigningrequests',
    apiGroup: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    fields: ['spec.request', 'status.certificate'],
  },
  { resource: 'oauthclients', apiGroup: 'oauth.openshift.io', kind: 'OAuthClient', fields: ['secret', 'additionalSecrets'] },
];

export const DEFAULT_REDACTION: RedactionPolicy = { resources: SENSITIVE_RESOURCES };

/**
 * The policy with more resources of the configuration: `RESOURCE[/SUBRESOURCE][.GROUP][:PATH,PATH]`, as in
 * `vaultconnections.secrets.example.com:spec.token`. Without paths everything but the metadata is redacted.
 * Undefined when an entry does not read so; the configuration says which (`entries` are checked one by one).
 */
export function redactionPolicy(entries: readonly string[]): RedactionPolicy | undefined {
  const added = entries.map(parseSensitiveResource);
  return added.includes(undefined) ? undefined : { resources: [...SENSITIVE_RESOURCES, ...(added as readonly SensitiveResource[])] };
}

/** Undefined when the entry does not read as described at `redactionPolicy`. */
export function parseSensitiveResource(entry: string): SensitiveResource | undefined {
  const parts = /^([a-z0-9-]+(?:\/[a-z0-9-]+)?)(?:\.([a-z0-9.-]+))?(?::(.+))?$/.exec(entry);
  if (parts === null) return undefined;
  const [, resource = '', apiGroup, paths] = parts;
  const fields = (paths ?? '*').split(',').map((path) => path.trim());
  if (fields.some((path) => !/^[^.\s]+(\.[^.\s]+)*$/.test(path))) return undefined;
  return { resource, fields, ...(apiGroup === undefined ? {} : { apiGroup }) };
}

/** The entry of the policy that an event's object falls under. */
export function sensitiveResource(
  policy: RedactionPolicy,
  reference: { readonly resource?: string; readonly subresource?: string; readonly apiGroup?: string },
): SensitiveResource | undefined {
  const { resource = '', subresource = '', apiGroup = '' } = reference;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  return policy.resources.find((entry) => {
    if (entry.apiGroup !== undefined && entry.apiGroup !== apiGroup) return false;
    // A rule on an object holds for its status and scale too; a rule on a subresource for that one alone.
    return entry.resource === name || entry.resource === resource;
  });
}
