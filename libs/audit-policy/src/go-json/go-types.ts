/**
 * The Go types that a policy file can be read into, in Go's own notation, because its error texts name them:
 * everything registered in the scheme of k8s.io/apiserver v0.36.3 pkg/audit. A file of another kind is read as that
 * kind before it is found not to be a policy.
 */
export interface StructType {
  /** Structs whose fields count as this one's own. */
  readonly embedded: readonly string[];
  /** JSON name -> Go type, in Go's order. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Of kind string. */
export const STRING_TYPES: ReadonlySet<string> = new Set([
  'string',
  'audit.Level',
  'audit.Stage',
  'types.UID',
  'v1.CauseType',
  'v1.DeletionPropagation',
  'v1.Level',
  'v1.ManagedFieldsOperationType',
  'v1.ResourceVersionMatch',
  'v1.Stage',
  'v1.StatusReason',
  'watch.EventType',
]);

/** Of kind []string. */
export const STRING_LIST_TYPES: ReadonlySet<string> = new Set(['v1.ExtraValue', 'v1.Verbs']);

/** They take any JSON value as it is. */
export const RAW_TYPES: ReadonlySet<string> = new Set(['v1.FieldsV1', 'runtime.RawExtension', 'runtime.Unknown']);

/** They take a string in the layout of time.Parse. */
export const TIME_LAYOUTS: Readonly<Record<string, string>> = {
  'v1.Time': '2006-01-02T15:04:05Z07:00',
  'v1.MicroTime': '2006-01-02T15:04:05.000000Z07:00',
};

const TYPE_META: Pick<StructType, 'embedded'> = { embedded: ['v1.TypeMeta'] };

export const STRUCT_TYPES: Readonly<Record<string, StructType>> = {
  'v1.Policy': {
    ...TYPE_META,
    fields: { metadata: 'v1.ObjectMeta', rules: '[]v1.PolicyRule', omitStages: '[]v1.Stage', omitManagedFields: 'bool' },
  },
  'v1.PolicyRule': {
    embedded: [],
    fields: {
      level: 'v1.Level',
      users: '[]string',
      userGroups: '[]string',
      verbs: '[]string',
      resources: '[]v1.GroupResources',
      namespaces: '[]string',
      nonResourceURLs: '[]string',
      omitStages: '[]v1.Stage',
      omitManagedFields: '*bool',
    },
  },
  'v1.GroupResources': { embedded: [], fields: { group: 'string', resources: '[]string', resourceNames: '[]string' } },
  'v1.PolicyList': { ...TYPE_META, fields: { metadata: 'v1.ListMeta', items: '[]v1.Policy' } },
  'v1.EventList': { ...TYPE_META, fields: { metadata: 'v1.ListMeta', items: '[]v1.Event' } },
  'v1.Event': {
    ...TYPE_META,
    fields: {
      level: 'v1.Level',
      auditID: 'types.UID',
      stage: 'v1.Stage',
      requestURI: 'string',
      verb: 'string',
      user: 'v1.UserInfo',
      impersonatedUser: '*v1.UserInfo',
      authenticationMetadata: '*v1.AuthenticationMetadata',
      sourceIPs: '[]string',
      userAgent: 'string',
      objectRef: '*v1.ObjectReference',
      responseStatus: '*v1.Status',
      requestObject: '*runtime.Unknown',
      responseObject: '*runtime.Unknown',
      requestReceivedTimestamp: 'v1.MicroTime',
      stageTimestamp: 'v1.MicroTime',
      annotations: 'map[string]string',
    },
  },
  'v1.AuthenticationMetadata': { embedded: [], fields: { impersonationConstraint: 'string' } },
  'v1.ObjectReference': {
    embedded: [],
    fields: {
      resource: 'string',
      namespace: 'string',
      name: 'string',
      uid: 'types.UID',
      apiGroup: 'string',
      apiVersion: 'string',
      resourceVersion: 'string',
      subresource: 'string',
    },
  },
  'v1.UserInfo': {
    embedded: [],
    fields: { username: 'string', uid: 'string', groups: '[]string', extra: 'map[string]v1.ExtraValue' },
  },

  // A document without an apiVersion is read into the internal types: no JSON names, and metadata's fields at the top.
  'audit.Policy': {
    embedded: ['v1.TypeMeta', 'v1.ObjectMeta'],
    fields: { Rules: '[]audit.PolicyRule', OmitStages: '[]audit.Stage', OmitManagedFields: 'bool' },
  },
  'audit.PolicyRule': {
    embedded: [],
    fields: {
      Level: 'audit.Level',
      Users: '[]string',
      UserGroups: '[]string',
      Verbs: '[]string',
      Resources: '[]audit.GroupResources',
      Namespaces: '[]string',
      NonResourceURLs: '[]string',
      OmitStages: '[]audit.Stage',
      OmitManagedFields: '*bool',
    },
  },
  'audit.GroupResources': { embedded: [], fields: { Group: 'string', Resources: '[]string', ResourceNames: '[]string' } },
  'audit.PolicyList': { embedded: ['v1.TypeMeta', 'v1.ListMeta'], fields: { Items: '[]audit.Policy' } },
  'audit.EventList': { embedded: ['v1.TypeMeta', 'v1.ListMeta'], fields: { Items: '[]audit.Event' } },
  'audit.Event': {
    ...TYPE_META,
    fields: {
      Level: 'audit.Level',
      AuditID: 'types.UID',
      Stage: 'audit.Stage',
      RequestURI: 'string',
      Verb: 'string',
      User: 'v1.UserInfo',
      ImpersonatedUser: '*v1.UserInfo',
      AuthenticationMetadata: '*audit.AuthenticationMetadata',
      SourceIPs: '[]string',
      UserAgent: 'string',
      ObjectRef: '*audit.ObjectReference',
      ResponseStatus: '*v1.Status',
      RequestObject: '*runtime.Unknown',
      ResponseObject: '*runtime.Unknown',
      RequestReceivedTimestamp: 'v1.MicroTime',
      StageTimestamp: 'v1.MicroTime',
      Annotations: 'map[string]string',
    },
  },
  'audit.AuthenticationMetadata': { embedded: [], fields: { ImpersonationConstraint: 'string' } },
  'audit.ObjectReference': {
    embedded: [],
    fields: {
      Resource: 'string',
      Namespace: 'string',
      Name: 'string',
      UID: 'types.UID',
      APIGroup: 'string',
      APIVersion: 'string',
      ResourceVersion: 'string',
      Subresource: 'string',
    },
  },

  // k8s.io/apimachinery pkg/apis/meta/v1
  'v1.TypeMeta': { embedded: [], fields: { kind: 'string', apiVersion: 'string' } },
  'v1.ObjectMeta': {
    embedded: [],
    fields: {
      name: 'string',
      generateName: 'string',
      namespace: 'string',
      selfLink: 'string',
      uid: 'types.UID',
      resourceVersion: 'string',
      generation: 'int64',
      creationTimestamp: 'v1.Time',
      deletionTimestamp: '*v1.Time',
      deletionGracePeriodSeconds: '*int64',
      labels: 'map[string]string',
      annotations: 'map[string]string',
      ownerReferences: '[]v1.OwnerReference',
      finalizers: '[]string',
      managedFields: '[]v1.ManagedFieldsEntry',
    },
  },
  'v1.OwnerReference': {
    embedded: [],
    fields: { apiVersion: 'string', kind: 'string', name: 'string', uid: 'types.UID', controller: '*bool', blockOwnerDeletion: '*bool' },
  },
  'v1.ManagedFieldsEntry': {
    embedded: [],
    fields: {
      manager: 'string',
      operation: 'v1.ManagedFieldsOperationType',
      apiVersion: 'string',
      time: '*v1.Time',
      fieldsType: 'string',
      fieldsV1: '*v1.FieldsV1',
      subresource: 'string',
    },
  },
  'v1.ListMeta': {
    embedded: [],
    fields: {
      selfLink: 'string',
      resourceVersion: 'string',
      continue: 'string',
      remainingItemCount: '*int64',
      shardInfo: '*v1.ShardInfo',
    },
  },
  'v1.ShardInfo': { embedded: [], fields: { selector: 'string' } },
  'v1.InternalEvent': { embedded: [], fields: { Type: 'watch.EventType', Object: 'runtime.Object' } },
  'v1.WatchEvent': { embedded: [], fields: { type: 'string', object: 'runtime.RawExtension' } },
  'v1.Status': {
    ...TYPE_META,
    fields: {
      metadata: 'v1.ListMeta',
      status: 'string',
      message: 'string',
      reason: 'v1.StatusReason',
      details: '*v1.StatusDetails',
      code: 'int32',
    },
  },
  'v1.StatusDetails': {
    embedded: [],
    fields: {
      name: 'string',
      group: 'string',
      kind: 'string',
      uid: 'types.UID',
      causes: '[]v1.StatusCause',
      retryAfterSeconds: 'int32',
    },
  },
  'v1.StatusCause': { embedded: [], fields: { reason: 'v1.CauseType', message: 'string', field: 'string' } },
  'v1.APIVersions': {
    ...TYPE_META,
    fields: { versions: '[]string', serverAddressByClientCIDRs: '[]v1.ServerAddressByClientCIDR' },
  },
  'v1.APIGroupList': { ...TYPE_META, fields: { groups: '[]v1.APIGroup' } },
  'v1.APIGroup': {
    ...TYPE_META,
    fields: {
      name: 'string',
      versions: '[]v1.GroupVersionForDiscovery',
      preferredVersion: 'v1.GroupVersionForDiscovery',
      serverAddressByClientCIDRs: '[]v1.ServerAddressByClientCIDR',
    },
  },
  'v1.GroupVersionForDiscovery': { embedded: [], fields: { groupVersion: 'string', version: 'string' } },
  'v1.ServerAddressByClientCIDR': { embedded: [], fields: { clientCIDR: 'string', serverAddress: 'string' } },
  'v1.APIResourceList': { ...TYPE_META, fields: { groupVersion: 'string', resources: '[]v1.APIResource' } },
  'v1.APIResource': {
    embedded: [],
    fields: {
      name: 'string',
      singularName: 'string',
      namespaced: 'bool',
      group: 'string',
      version: 'string',
      kind: 'string',
      verbs: 'v1.Verbs',
      shortNames: '[]string',
      categories: '[]string',
      storageVersionHash: 'string',
    },
  },
  'v1.GetOptions': { ...TYPE_META, fields: { resourceVersion: 'string' } },
  'v1.CreateOptions': { ...TYPE_META, fields: { dryRun: '[]string', fieldManager: 'string', fieldValidation: 'string' } },
  'v1.UpdateOptions': { ...TYPE_META, fields: { dryRun: '[]string', fieldManager: 'string', fieldValidation: 'string' } },
  'v1.PatchOptions': {
    ...TYPE_META,
    fields: { dryRun: '[]string', force: '*bool', fieldManager: 'string', fieldValidation: 'string' },
  },
  'v1.DeleteOptions': {
    ...TYPE_META,
    fields: {
      gracePeriodSeconds: '*int64',
      preconditions: '*v1.Preconditions',
      orphanDependents: '*bool',
      propagationPolicy: '*v1.DeletionPropagation',
      dryRun: '[]string',
      ignoreStoreReadErrorWithClusterBreakingPotential: '*bool',
    },
  },
  'v1.Preconditions': { embedded: [], fields: { uid: '*types.UID', resourceVersion: '*string' } },
  'v1.ListOptions': {
    ...TYPE_META,
    fields: {
      labelSelector: 'string',
      fieldSelector: 'string',
      watch: 'bool',
      allowWatchBookmarks: 'bool',
      resourceVersion: 'string',
      resourceVersionMatch: 'v1.ResourceVersionMatch',
      timeoutSeconds: '*int64',
      limit: 'int64',
      continue: 'string',
      sendInitialEvents: '*bool',
      shardSelector: 'string',
    },
  },
};
