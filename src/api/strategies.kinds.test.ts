/** One row a rule for the smaller groups. */
import { describe, expect, test } from 'vitest';
import { customResourceStrategy } from './strategies.ts';
import type { Loose } from './strategies.fixture.ts';
import { contextFor, created, kindOf, refusals, updated, updateRefusals } from './strategies.fixture.ts';

type Row = [name: string, change: (object: Loose) => void, expected: string[]];
const RBAC = 'rbac.authorization.k8s.io';
const path = (change: (entry: Loose) => void) => (ingress: Loose): void => change(ingress.spec.rules[0].http.paths[0]);
const P = 'spec.rules[0].http.paths[0]';
const metric = (fields: object) => (hpa: Loose): void => { hpa.spec.metrics = [fields]; };
const hook = (change: (hook: Loose) => void) => (object: Loose): void => change(object.webhooks[0]);
const version = (change: (version: Loose) => void) => (object: Loose): void => change(object.spec.versions[0]);
const schema = (fields: object) => version((v) => { v.schema.openAPIV3Schema = fields; });
const S = 'spec.validation.openAPIV3Schema';

const creates: Record<string, Row[]> = {
  [`${RBAC}/Role`]: [
    ['no verbs', (r) => { r.rules[0].verbs = []; }, ['rules[0].verbs: Required value: verbs must contain at least one value']],
    ['paths', (r) => { r.rules = [{ verbs: ['get'], nonResourceURLs: ['/x'] }]; }, ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs']],
    ['no groups', (r) => { delete r.rules[0].apiGroups; }, ['rules[0].apiGroups: Required value: resource rules must supply at least one api group']],
    ['no resources', (r) => { delete r.rules[0].resources; }, ['rules[0].resources: Required value: resource rules must supply at least one resource']],
  ],
  [`${RBAC}/ClusterRole`]: [
    ['paths and resources', (r) => { r.rules[0].resources = ['pods']; }, ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs']],
    ['aggregation of nothing', (r) => { r.aggregationRule = {}; }, ['aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil']],
  ],
  [`${RBAC}/RoleBinding`]: [
    ['another kind of role', (b) => { b.roleRef.kind = 'User'; }, ['roleRef.kind: Unsupported value: "User": supported values: "Role", "ClusterRole"']],
    ['no name', (b) => { b.roleRef.name = ''; }, ['roleRef.name: Required value']],
    ['another group', (b) => { b.roleRef.apiGroup = 'x'; }, [`roleRef.apiGroup: Unsupported value: "x": supported values: "${RBAC}"`]],
    ['an account of nowhere', (b) => { b.subjects = [{ kind: 'ServiceAccount', name: 'a' }]; }, ['subjects[0].namespace: Required value']],
    ['an unknown subject', (b) => { b.subjects = [{ kind: 'Robot', name: 'a' }]; }, ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
  ],
  [`${RBAC}/ClusterRoleBinding`]: [['a role of a namespace', (b) => { b.roleRef.kind = 'Role'; }, ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']]],
  'networking.k8s.io/Ingress': [
    ['nothing to do', (i) => { i.spec = {}; }, ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified']],
    ['an address as host', (i) => { i.spec.rules[0].host = '1.2.3.4'; }, ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address']],
    ['no path type', path((p) => { p.pathType = ''; }), [`${P}.pathType: Required value: pathType must be specified`]],
    ['a relative path', path((p) => { p.path = 'a'; }), [`${P}.path: Invalid value: "a": must be an absolute path`]],
    ['a path with //', path((p) => { p.path = '/a//b'; }), [`${P}.path: Invalid value: "/a//b": must not contain '//'`]],
    ['a path ending up', path((p) => { p.path = '/a/..'; }), [`${P}.path: Invalid value: "/a/..": cannot end with '/..'`]],
    ['two ports', path((p) => { p.backend.service.port.name = 'http'; }), [`${P}.backend: Invalid value: "": cannot set both port name & port number`]],
    ['no port', path((p) => { p.backend.service.port = {}; }), [`${P}.backend: Required value: port name or number is required`]],
    ['no backend', path((p) => { p.backend = {}; }), [`${P}.backend: Invalid value: "": resource or service backend is required`]],
    ['two classes', (i) => { i.metadata.annotations = { 'kubernetes.io/ingress.class': 'a' }; i.spec.ingressClassName = 'b'; }, ['annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified']],
  ],
  'networking.k8s.io/IngressClass': [
    ['no controller', (c) => { c.spec.controller = ''; }, ['spec.controller: Required value']],
    ['parameters of a namespace without one', (c) => { c.spec.parameters = { kind: 'A', name: 'b', scope: 'Namespace' }; }, ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]],
  ],
  'networking.k8s.io/NetworkPolicy': [
    ['a block and more', (n) => { n.spec.ingress[0].from[0].podSelector = {}; }, ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer']],
    ['an exception outside', (n) => { n.spec.ingress[0].from[0].ipBlock.except = ['11.0.0.0/16']; }, ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`']],
    ['nobody', (n) => { n.spec.ingress[0].from = [{}]; }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    ['an end before the start', (n) => { n.spec.ingress[0].ports = [{ port: 80, endPort: 70 }]; }, ['spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`']],
    ['an end of a name', (n) => { n.spec.ingress[0].ports = [{ port: 'http', endPort: 70 }]; }, ['spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric']],
    ['an unknown direction', (n) => { n.spec.policyTypes = ['Sideways']; }, ['spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"']],
  ],
  'networking.k8s.io/IPAddress': [
    ['not canonical', (a) => { a.metadata.name = '2001:DB8::1'; }, ['metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")']],
    ['no parent', (a) => { a.spec = {}; }, ['spec.parentRef: Required value']],
  ],
  'networking.k8s.io/ServiceCIDR': [
    ['nothing', (c) => { c.spec.cidrs = []; }, ['spec.cidrs: Required value: at least one CIDR required']],
    ['bits beyond the prefix', (c) => { c.spec.cidrs = ['10.96.0.1/16']; }, ['spec.cidrs[0]: Invalid value: "10.96.0.1/16": must not have bits set beyond the prefix length']],
  ],
  'policy/PodDisruptionBudget': [
    ['both bounds', (b) => { b.spec.maxUnavailable = 1; delete b.spec.selector; }, ['spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set']],
    ['more than all', (b) => { b.spec.minAvailable = '101%'; }, ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%']],
    ['an unknown policy', (b) => { b.spec.unhealthyPodEvictionPolicy = 'Never'; }, ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']],
  ],
  'autoscaling/HorizontalPodAutoscaler': [
    ['fewer than the fewest', (h) => { h.spec.maxReplicas = 1; }, ['spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`']],
    ['none at least', (h) => { h.spec.minReplicas = 0; }, ['spec.minReplicas: Invalid value: 0: must be greater than or equal to 1']],
    ['nothing to scale', (h) => { h.spec.scaleTargetRef = { kind: '', name: '' }; }, ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value']],
    ['an unknown metric', metric({ type: 'Mood' }), ['spec.metrics[0].type: Unsupported value: "Mood": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"']],
    ['a metric without its source', metric({ type: 'Pods' }), ['spec.metrics[0].pods: Required value: must populate information for the given metric source']],
    ['pods without a value', metric({ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue' } } }), ['spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue']],
    ['a policy of nothing', (h) => { h.spec.behavior = { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] } }; }, [
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero', 'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ]],
    ['a long window', (h) => { h.spec.behavior = { scaleDown: { stabilizationWindowSeconds: 3601 } }; }, ['spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600']],
  ],
  'coordination.k8s.io/Lease': [
    ['no time', (l) => { l.spec.leaseDurationSeconds = 0; }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
    ['negative transitions', (l) => { l.spec.leaseTransitions = -1; }, ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
  ],
  'discovery.k8s.io/EndpointSlice': [
    ['an unknown type', (s) => { s.addressType = 'MAC'; s.endpoints = []; }, ['addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6"']],
    ['no addresses', (s) => { s.endpoints[0].addresses = []; }, ['endpoints[0].addresses: Required value: must contain at least 1 address']],
    ['another family', (s) => { s.endpoints[0].addresses = ['fd00::1']; }, ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address']],
    ['a port name twice', (s) => { s.ports = [{ port: 1 }, { port: 2 }]; }, ['ports[1].name: Duplicate value: ""']],
  ],
  'scheduling.k8s.io/PriorityClass': [
    ['above users', (c) => { c.value = 1000000001; }, ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
    ['a name of the system', (c) => { c.metadata.name = 'system-mine'; }, ["metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"]],
    ['the system\'s own', (c) => { c.metadata.name = 'system-node-critical'; c.value = 2000001000; }, []],
  ],
  'node.k8s.io/RuntimeClass': [['no handler', (r) => { r.handler = ''; }, ['handler: Required value']]],
  'certificates.k8s.io/CertificateSigningRequest': [
    ['no PEM', (r) => { r.spec.request = btoa('x'); }, ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST']],
    ['another signature', (r) => { r.spec.request = btoa(atob(r.spec.request).replace('MIHIMHAC', 'MIHIMHAD')); }, [expect.stringContaining('x509: ')]],
    ['no usages', (r) => { r.spec.usages = []; }, ['spec.usages: Required value']],
    ['a signer without a path', (r) => { r.spec.signerName = 'me'; }, ["spec.signerName: Invalid value: \"me\": must be a fully qualified domain and path of the form 'example.com/signer-name'"]],
    ['the old signer', (r) => { r.spec.signerName = 'kubernetes.io/legacy-unknown'; }, ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version']],
    ['short lived', (r) => { r.spec.expirationSeconds = 60; }, ['spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)']],
  ],
  'storage.k8s.io/StorageClass': [
    ['no provisioner', (c) => { c.provisioner = ''; }, ['provisioner: Required value']],
    ['an unknown mode', (c) => { c.volumeBindingMode = 'Later'; }, ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"']],
    ['an unknown policy', (c) => { c.reclaimPolicy = 'Recycle'; }, ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"']],
  ],
  'storage.k8s.io/CSIDriver': [['a short token', (d) => { d.spec.tokenRequests = [{ audience: 'a', expirationSeconds: 60 }]; }, ['spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes']]],
  'storage.k8s.io/CSINode': [['no node id', (n) => { n.spec.drivers[0].nodeID = ''; }, ['spec.drivers[0].nodeID: Required value']]],
  'storage.k8s.io/VolumeAttachment': [['nothing to attach', (a) => { a.spec.source = {}; }, ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName']]],
  'storage.k8s.io/VolumeAttributesClass': [['no parameters', (c) => { delete c.parameters; }, ['parameters: Required value: must contain at least one key/value pair']]],
  'apiregistration.k8s.io/APIService': [
    ['another name', (s) => { s.metadata.name = 'v2.x'; }, ['metadata.name: Invalid value: "v2.x": must be `spec.version+"."+spec.group`: "v1.metrics.example.com"']],
    ['no priority', (s) => { s.spec.versionPriority = 0; }, ['spec.versionPriority: Invalid value: 0: must be positive and less than 1000']],
  ],
  'flowcontrol.apiserver.k8s.io/FlowSchema': [
    ['no level', (f) => { f.spec.priorityLevelConfiguration.name = ''; }, ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
    ['no subjects', (f) => { f.spec.rules[0].subjects = []; }, ['spec.rules[0].subjects: Required value: subjects must contain at least one value']],
  ],
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': [['an unknown type', (p) => { p.spec = { type: 'Some' }; }, ['spec.type: Unsupported value: "Some": supported values: "Exempt", "Limited"']]],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': [
    ['a short name', hook((h) => { h.name = 'a.b'; }), ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots']],
    ['nowhere to call', hook((h) => { h.clientConfig = {}; }), ['webhooks[0].clientConfig: Required value: exactly one of url or service is required']],
    ['without TLS', hook((h) => { h.clientConfig = { url: 'http://a.b/' }; }), ["webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]"]],
    ['side effects', hook((h) => { h.sideEffects = 'Some'; }), ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"']],
    ['a long wait', hook((h) => { h.timeoutSeconds = 31; }), ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds']],
    ['no version that is known', hook((h) => { h.admissionReviewVersions = ['v9']; }), ['webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1']],
    ['all operations and one', hook((h) => { h.rules[0].operations = ['*', 'CREATE']; }), ["webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations"]],
  ],
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': [
    ['nothing to check', (p) => { p.spec.validations = []; }, ['spec.validations: Required value: validations or auditAnnotations must contain at least one item', 'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item']],
    ['a message of two lines', (p) => { p.spec.validations[0].message = 'a\nb'; }, ['spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks']],
    ['matching nothing', (p) => { delete p.spec.matchConstraints; }, ['spec.matchConstraints: Required value']],
  ],
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': [
    ['no actions', (b) => { b.spec.validationActions = []; }, ['spec.validationActions: Required value: at least one validation action is required']],
    ['no policy', (b) => { b.spec.policyName = ''; }, ['spec.policyName: Required value']],
  ],
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': [['a patch of another form', (p) => { p.spec.mutations[0].patchType = 'ApplyConfiguration'; }, [
    'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration', 'spec.mutations[0].jsonPatch: Invalid value: "{}": must not be specified when patchType is ApplyConfiguration',
  ]]],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    ['another name', (d) => { d.metadata.name = 'a.b'; }, ['metadata.name: Invalid value: "a.b": must be spec.names.plural+"."+spec.group']],
    ['no schema', version((v) => { delete v.schema; }), ['spec.versions[0].schema.openAPIV3Schema: Required value']],
    ['nothing stored', version((v) => { v.storage = false; }), [
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ]],
    ['no type at the root', schema({}), [`${S}.type: Required value: must not be empty at the root`]],
    ['a list without items', schema({ type: 'object', properties: { a: { type: 'array' } } }), [`${S}.properties[a].items: Required value: must be specified`]],
    ['a field without a type', schema({ type: 'object', properties: { a: {} } }), [`${S}.properties[a].type: Required value: must not be empty for specified object fields`]],
    ['an unknown type', schema({ type: 'object', properties: { a: { type: 'int' } } }), [`${S}.properties[a].type: Unsupported value: "int": supported values: "array", "boolean", "integer", "number", "object", "string"`]],
    ['structure inside anyOf', schema({ type: 'object', properties: { a: { type: 'string', anyOf: [{ type: 'string' }] } } }), [`${S}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural`]],
    ['int or string', schema({ type: 'object', properties: { a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } } }), []],
    ['a protected group', (d) => { d.metadata.name = 'crontabs.stable.k8s.io'; d.spec.group = 'stable.k8s.io'; }, ['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111']],
    ['a path outside spec', version((v) => { v.subresources = { scale: { specReplicasPath: '.x.replicas', statusReplicasPath: '.status.replicas' } }; }), ['spec.subresources.scale.specReplicasPath: Invalid value: ".x.replicas": should be a json path under .spec']],
    ['an unknown scope', (d) => { d.spec.scope = 'World'; }, ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"']],
  ],
  'resource.k8s.io/ResourceClaim': [
    ['no class', (c) => { c.spec.devices.requests[0].exactly.deviceClassName = ''; }, ['spec.devices.requests[0].exactly.deviceClassName: Required value']],
    ['a request twice', (c) => c.spec.devices.requests.push(c.spec.devices.requests[0]), ['spec.devices.requests[1]: Duplicate value: "gpu"']],
  ],
  'resource.k8s.io/ResourceSlice': [['nowhere', (s) => { delete s.spec.nodeName; }, ['spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required']]],
};

describe.each(Object.entries(creates))('%s', (key, rows) => {
  test.each(rows)('%s', (_name, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

test.each<[string, string, (object: Loose) => void, string[]]>([
  ['another role', `${RBAC}/RoleBinding`, (b) => { b.roleRef.name = 'x'; }, [`roleRef: Invalid value: {"APIGroup":"${RBAC}","Kind":"Role","Name":"x"}: cannot change roleRef`]],
  ['another controller', 'networking.k8s.io/IngressClass', (c) => { c.spec.controller = 'a.b/c'; }, ['spec.controller: Invalid value: "a.b/c": field is immutable']],
  ['another range', 'networking.k8s.io/ServiceCIDR', (c) => { c.spec.cidrs = ['10.0.0.0/8']; }, ['spec.cidrs: Invalid value: ["10.0.0.0/8"]: field is immutable']],
  ['a second family', 'networking.k8s.io/ServiceCIDR', (c) => { c.spec.cidrs.push('fd00::/112'); }, []],
  ['another address type', 'discovery.k8s.io/EndpointSlice', (s) => { s.addressType = 'FQDN'; s.endpoints = []; }, ['addressType: Invalid value: "FQDN": field is immutable']],
  ['another value', 'scheduling.k8s.io/PriorityClass', (c) => { c.value = 5; }, ['value: Forbidden: may not be changed in an update.']],
  ['another handler', 'node.k8s.io/RuntimeClass', (r) => { r.handler = 'x'; }, ['handler: Invalid value: "x": field is immutable']],
  ['another provisioner', 'storage.k8s.io/StorageClass', (c) => { c.provisioner = 'x.y/z'; }, ['provisioner: Forbidden: updates to provisioner are forbidden.']],
  ['other parameters', 'storage.k8s.io/StorageClass', (c) => { c.parameters = {}; }, ['parameters: Forbidden: updates to parameters are forbidden.']],
  ['another driver', 'storage.k8s.io/VolumeAttributesClass', (c) => { c.driverName = 'x.y'; }, ['driverName: Forbidden: updates to driverName are forbidden.']],
  ['another group', 'apiextensions.k8s.io/CustomResourceDefinition', (d) => { d.spec.group = 'x.y'; }, ['spec.group: Invalid value: "x.y": field is immutable']],
])('%s (%s)', (_name, key, change, expected) => {
  expect(updateRefusals(key, change)).toEqual(expected);
});

describe('certificates', () => {
  const KEY = 'certificates.k8s.io/CertificateSigningRequest';
  const approve = (request: Loose): void => { request.status = { conditions: [{ type: 'Approved', status: 'True' }] }; };
  test('who asks is what the server knows', () => {
    const { strategy } = kindOf(KEY);
    const request = created(KEY, (r) => { r.spec.username = 'mallory'; r.spec.groups = ['system:masters']; });
    expect([request.spec.username, request.spec.groups]).toEqual(['ann', undefined]);
    strategy.prepareForCreate!(request, { ...contextFor(), user: { uid: 'u1', groups: ['g'] } });
    expect([request.spec.uid, request.spec.groups]).toEqual(['u1', ['g']]);
  });
  test('approval comes through /approval, with times', () => {
    expect(updateRefusals(KEY, approve, { subresource: 'approval' })).toEqual([]);
    expect(updated(KEY, approve, { subresource: 'approval' }).next.status.conditions[0]).toMatchObject({ lastUpdateTime: '2026-03-01T12:00:00Z', lastTransitionTime: '2026-03-01T12:00:00Z' });
    expect(updateRefusals(KEY, approve, { subresource: 'status' })).toEqual(['status.conditions: Forbidden: updates may not add a condition of type "Approved"']);
    expect(updated(KEY, approve).next.status.conditions).toBeUndefined();
  });
  test('a certificate comes through /status, and the decision stays', () => {
    const certificate = btoa('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const issue = (request: Loose): void => { request.status = { certificate }; };
    const { next } = updated(KEY, issue, { stored: (r) => { r.status = { conditions: [{ type: 'Approved', status: 'True', lastUpdateTime: 't', lastTransitionTime: 't' }] }; }, subresource: 'status' });
    expect(next.status).toMatchObject({ certificate, conditions: [{ type: 'Approved' }] });
    expect(updateRefusals(KEY, (r) => { r.status = { certificate: btoa('x') }; }, { subresource: 'status' })).toEqual(['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block']);
    expect(updateRefusals(KEY, issue, { subresource: 'status' })).toEqual(['status.certificate: Invalid value: "<certificate data>": x509: malformed certificate']);
  });
});

describe('custom resources', () => {
  const strategy = customResourceStrategy({ namespaced: true, status: true });
  const object = (fields: object): Loose => ({ metadata: { name: 'a', namespace: 'n', resourceVersion: '1', generation: 1 }, ...fields });
  test('a definition notes the versions that something may be stored in', () => {
    expect(created('apiextensions.k8s.io/CustomResourceDefinition').status.storedVersions).toEqual(['v1']);
    const { next } = updated('apiextensions.k8s.io/CustomResourceDefinition', (d) => { d.spec.versions[0].storage = false; d.spec.versions.push({ ...d.spec.versions[0], name: 'v2', storage: true }); });
    expect(next.status.storedVersions).toEqual(['v1', 'v2']);
  });
  test('status and the rest are written apart', () => {
    const fresh = object({ spec: 1, status: 2 });
    strategy.prepareForCreate!(fresh, contextFor());
    expect([fresh.status, fresh.metadata.generation]).toEqual([undefined, 1]);
    const main = object({ spec: 5, status: 9 });
    strategy.prepareForUpdate!(main, object({ spec: 1, status: 2 }), contextFor());
    expect([main.spec, main.status, main.metadata.generation]).toEqual([5, 2, 2]);
    const status = object({ spec: 5, status: 9 });
    strategy.prepareForUpdate!(status, object({ spec: 1, status: 2 }), contextFor('status'));
    expect([status.spec, status.status, status.metadata.generation]).toEqual([1, 9, 1]);
  });
});
