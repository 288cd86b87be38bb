/** Makes broken requests from a random stream: mostly right, wrong in one or two places, so that they get past the first check. */
import type { Prng } from '../../src/base/prng.ts';
import type { ApiRequest } from '../../src/client/types.ts';
import { RESOURCES } from '../../src/api/resources.ts';
import type { Resource } from '../../src/api/meta/resource.ts';

export interface MutatedRequest extends ApiRequest {
  body?: Uint8Array;
}

export const pathOf = (request: MutatedRequest): string => request.path;

const oddWords = [
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '..', '.', '', ' ', '%2e%2e', '%2F', '%00', '%', '%ff', '%25', '%E2%80%AE', 'a'.repeat(300), 'UPPER', '-x-', 'x:80', 'http:x:80', 'x:80@localhost', '*', 'null', '0', '-1', '$(id)', '{{x}}', '~',
] as const;
const oddQueries: Readonly<Record<string, readonly string[]>> = {
  limit: ['-1', '0', '1', '1e9', 'x', '99999999999999999999', ''],
  continue: ['x', 'e30', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiLi4vLi4vIn0', '%', 'bnVsbA'],
  resourceVersion: ['0', '1', '-1', 'x', '1.5', ' ', '18446744073709551616', '0x10', '1e3', '\u0661'],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x'],
  fieldSelector: ['metadata.name=x', 'a=b', '=', ',,,', 'metadata.name', 'metadata.name!=', 'spec.nodeName==', '\\', 'a\\', 'metadata.name=a\\,b', '__proto__=x', 'constructor=x'],
  labelSelector: ['a=b', 'a in (', '!', 'a,,b', 'a in ()', 'x'.repeat(300), '((((', 'a notin (b', '__proto__=x', 'a>1', 'a>x'],
  dryRun: ['All', 'x', ''], fieldManager: ['x', '', 'x'.repeat(200), '\u0000'], fieldValidation: ['Strict', 'Warn', 'Ignore', 'x'], force: ['true', 'x'],
  timeout: ['1s', 'x', '-1s', '1ns', '9999999h'], timeoutSeconds: ['1', 'x', '-1'], propagationPolicy: ['Foreground', 'x'], gracePeriodSeconds: ['0', '-1', 'x', '1e99'], pretty: ['true', 'x'], includeObject: ['None', 'x'], allowWatchBookmarks: ['x'], sendInitialEvents: ['true', 'x'], orphanDependents: ['x', 'true'],
};
const contentTypes = [
  'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/merge-patch+json', 'application/json-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/cbor', 'text/plain', '', 'application/json; charset=utf-8', ';;;', 'application/json;application/json',
] as const;
const accepts = ['application/json', '*/*', '', 'application/vnd.kubernetes.protobuf', 'application/yaml', 'application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'application/json;as=X;v=__proto__', 'text/html', ',,,;;;q=', 'application/json;q=2;q=x'] as const;
/** Short texts that are long when every name in them is followed. */
const yamlBombs = [
  `a0: &a0 [x,x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`).join('\n')}`,
  'a: &a\n  b: *a\n', `metadata: &m {name: m-1}\nspec: {<<: [*m, *m]}\n`, `${'- '.repeat(10_000)}x`, `${'{a: '.repeat(5000)}`, 'kind: !!js/function "x"\n', '? [a, b]\n: c\n', `a: ${'9'.repeat(10_000)}`, '---\n---\na: b\n',
] as const;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'constructor', ''] as const;

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }], env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: '1', memory: '1Gi' } } }], volumes: [{ name: 'v', emptyDir: {} }], tolerations: [{ operator: 'Exists' }] } };
const selector = { matchLabels: { app: 'x' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] };

/** What objects of some kinds hold, so that mutations reach into their depth. */
const bodies: Readonly<Record<string, object>> = {
  Pod: { spec: template.spec }, Deployment: { spec: { replicas: 1, selector, template, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } } } }, ReplicaSet: { spec: { replicas: 1, selector, template } }, DaemonSet: { spec: { selector, template } },
  StatefulSet: { spec: { selector, template, serviceName: 's', volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] } }, Job: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } } } }, Service: { spec: { selector: { app: 'x' }, ports: [{ name: 'p', port: 80, targetPort: 'http' }], clusterIP: '10.96.0.77', externalIPs: ['1.2.3.4'] } }, ConfigMap: { data: { a: 'b' }, binaryData: { c: 'AA==' } }, Secret: { data: { a: 'AA==' }, stringData: { b: 'c' }, type: 'Opaque' },
  Node: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }], podCIDR: '10.0.0.0/24' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], capacity: { cpu: '1' } } }, Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, ClusterRole: { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
  RoleBinding: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'x' }, subjects: [{ kind: 'User', name: 'a' }] }, NetworkPolicy: { spec: { podSelector: selector, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80, endPort: 90 }] }] } },
  Ingress: { spec: { rules: [{ host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } }] } }, HorizontalPodAutoscaler: { spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' }, maxReplicas: 3 } }, PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  PersistentVolume: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } }, EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] }, ResourceQuota: { spec: { hard: { pods: '1' } } }, LimitRange: { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } },
  PodDisruptionBudget: { spec: { minAvailable: '50%', selector } }, SubjectAccessReview: { spec: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods' } } }, TokenReview: { spec: { token: 'a.b.c', audiences: ['x'] } }, CertificateSigningRequest: { spec: { request: 'AA==', signerName: 'a.b/c', usages: ['digital signature'] } }, Lease: { spec: { holderIdentity: 'x', leaseDurationSeconds: 1, renewTime: '2024-01-01T00:00:00.000000Z' } },
};

/** Kinds with bodies of their own get most of the requests, so that there is something to patch. */
const usualResources: readonly Resource[] = RESOURCES.filter((resource) => resource.kind in bodies && resource.version === 'v1');
const usualMethods = ['GET', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE'] as const;
const patchTypes = contentTypes.slice(3, 7);

class Maker {
  readonly #prng: Prng;
  constructor(prng: Prng) {
    this.#prng = prng;
  }
  int(bound: number): number {
    return Math.floor(this.#prng.next() * bound);
  }
  chance(part: number): boolean {
    return this.#prng.next() < part;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!;
  }

  oddValue(): unknown {
    switch (this.int(14)) {
      case 0: return null;
      case 1: return {};
      case 2: return [];
      case 3: return -1;
      case 4: return 1.5;
      case 5: return 2 ** 63;
      case 6: return '';
      case 7: return this.pick(oddWords);
      case 8: return true;
      case 9: return 'x'.repeat(5000);
      case 10: return nested(this.pick([3, 50, 500]), this.chance(0.5));
      case 11: return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown;
      case 12: return [null, 1, 'a', [[]], { '': '' }];
      default: return '\u0000\ud800\uffff';
    }
  }

  /** Replaces, adds or removes something at a random depth. */
  mutate(value: unknown): unknown {
    if (this.chance(0.25) || typeof value !== 'object' || value === null) return this.oddValue();
    const copy = structuredClone(value) as Record<string, unknown> | unknown[];
    const keys = Object.keys(copy);
    if (keys.length === 0 || this.chance(0.1)) {
      if (Array.isArray(copy)) copy.push(this.oddValue());
      else Object.defineProperty(copy, this.pick(['__proto__', 'constructor', 'unknownField', '', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', 'metadata', 'spec', 'status']), { value: this.oddValue(), enumerable: true, configurable: true, writable: true });
      return copy;
    }
    const key = this.pick(keys);
    const target = copy as Record<string, unknown>;
    if (this.chance(0.1)) delete target[key];
    else target[key] = this.mutate(target[key]);
    return copy;
  }

  object(resource: Resource): object {
    return {
      apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`, kind: resource.kind,
      metadata: { name: `m-${this.int(8)}`, ...(resource.namespaced ? { namespace: 'default' } : {}), labels: { app: 'x' }, finalizers: ['a.b/c'], ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' }] },
      ...bodies[resource.kind],
    };
  }

  jsonPatch(): unknown {
    const operations = Array.from({ length: 1 + this.int(3) }, () => ({
      op: this.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']), path: this.pick(['/metadata/labels/a', '/spec', '', '/', '/metadata/__proto__/x', '/spec/containers/-', '/spec/containers/99999999', '/spec/containers/-1', '/a/b/c', '~2', '/~', '/metadata', '/metadata/name']),
      from: this.pick(['/spec', '/metadata', '', '/__proto__', '/constructor/prototype', undefined]), value: this.oddValue(),
    }));
    return this.chance(0.2) ? this.oddValue() : operations;
  }

  bytes(resource: Resource, type: string): Uint8Array {
    let value: unknown = type.startsWith('application/json-patch') ? this.jsonPatch() : this.object(resource);
    for (let times = this.pick([0, 1, 1, 2]); times > 0; times--) value = this.mutate(value);
    let text = JSON.stringify(value) ?? '';
    if (this.chance(0.05)) text = text.replace(/:(\d+|true|"[^"]*")/, ':1e400');
    if (this.chance(0.03)) text = text.replace('{', '{"metadata":{},"metadata":{},');
    if (this.chance(0.03)) text = `${'['.repeat(20_000)}${text}`;
    if (this.chance(0.03)) text = `a: &a [x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n${text}`;
    if (type.includes('yaml') && this.chance(0.05)) text = this.pick(yamlBombs);
    let bytes: Uint8Array = Buffer.from(text);
    if (type.includes('cbor') && this.chance(0.8)) bytes = this.cbor();
    if (type.includes('protobuf') && this.chance(0.8)) bytes = Buffer.concat([Buffer.from('k8s\0'), this.chance(0.5) ? protobufOf(this.object(resource) as { apiVersion: string; kind: string }, this.#prng.bytes(this.int(40))) : this.#prng.bytes(this.int(60))]);
    if (this.chance(0.04)) bytes = bytes.subarray(0, this.int(bytes.length + 1));
    if (this.chance(0.04) && bytes.length > 0) (bytes = Uint8Array.from(bytes))[this.int(bytes.length)] = this.int(256);
    return bytes;
  }

  /** Envelopes whose insides are cut off, endless, too deep, or longer than they are. */
  cbor(): Uint8Array {
    const head = this.chance(0.8) ? [0xd9, 0xd9, 0xf7] : [];
    const rest = this.pick<() => Uint8Array>([
      () => this.#prng.bytes(this.int(60)), () => Uint8Array.from([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), () => Uint8Array.from([0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x61, 0x61]), () => new Uint8Array(20_000).fill(0x81), () => new Uint8Array(20_000).fill(0xa1),
      () => Uint8Array.from([0xbf, 0x64, 0x6b, 0x69, 0x6e, 0x64, 0xff]), () => Uint8Array.from([0x5f, 0x41, 0x61]), () => Uint8Array.from([0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]), () => Uint8Array.from([0xa1, 0x01, 0x02]), () => Uint8Array.from([0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]), () => Uint8Array.from([0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]),
    ])();
    return Buffer.concat([Uint8Array.from(head), rest]);
  }

  path(resource: Resource, collection: boolean): string {
    const segments = [resource.group === '' ? 'api' : 'apis', ...(resource.group === '' ? [] : [resource.group]), resource.version];
    if (resource.namespaced && this.chance(0.9)) segments.push('namespaces', 'default');
    segments.push(resource.plural);
    const named = this.chance(collection ? 0.2 : 0.8);
    if (named) segments.push(`m-${this.int(8)}`);
    if (this.chance(named ? 0.3 : 0.05)) segments.push(this.pick([...resource.subresources.map((sub) => sub.name), 'status', 'scale', 'log', 'exec', 'proxy', 'token', 'binding', 'eviction', 'x']));
    if (this.chance(0.05)) segments.push(this.pick(oddWords));
    if (this.chance(0.1)) segments[this.int(segments.length)] = this.pick(oddWords);
    if (this.chance(0.02)) return this.pick(['/', '//', '/api', '/apis', '/openapi/v2', '/openapi/v3/apis/x', '/healthz/x', '/metrics/x', '/version?', '/logs', '/apis//v1/x', '', '*', '/apis/apps/v1/%zz', '/.well-known/x', `/${'a/'.repeat(2000)}`]);
    return `/${segments.join('/')}`;
  }

  next(): MutatedRequest {
    const resource = this.chance(0.7) ? this.pick(usualResources) : this.pick(RESOURCES);
    const query: Record<string, string> = {};
    for (let times = this.pick([0, 0, 0, 1, 2]); times > 0; times--) {
      const name = this.pick(Object.keys(oddQueries));
      query[name] = this.pick(oddQueries[name]!);
    }
    const method = this.chance(0.9) ? this.pick(usualMethods) : this.pick(methods);
    const type = this.chance(0.1) ? this.pick(contentTypes) : this.pick(method === 'PATCH' ? patchTypes : contentTypes.slice(0, 3));
    if (type.includes('apply') && this.chance(0.9)) query['fieldManager'] = this.pick(['one', 'two']);
    const headers: Record<string, string> = { 'content-type': type, accept: this.chance(0.8) ? 'application/json' : this.pick(accepts) };
    if (this.chance(0.05)) headers[this.pick(['impersonate-user', 'impersonate-group', 'impersonate-extra-__proto__', 'impersonate-extra-%zz', 'impersonate-uid', 'audit-id', 'traceparent', 'x-remote-user', 'x-forwarded-for', 'if-none-match', 'accept-encoding', 'warning', 'content-encoding', 'user-agent', '__proto__'])] = this.pick(oddWords);
    const hasBody = method !== 'GET' && method !== 'HEAD' && !this.chance(0.05);
    return { method: method as ApiRequest['method'], path: this.path(resource, method === 'POST'), query, headers, ...(hasBody ? { body: this.bytes(resource, type) } : {}) };
  }
}

function nested(depth: number, list: boolean): unknown {
  let value: unknown = 'x';
  for (let i = 0; i < depth; i++) value = list ? [value] : { a: value };
  return value;
}

/** An envelope with right names and wrong insides. */
function protobufOf({ apiVersion, kind }: { apiVersion: string; kind: string }, raw: Uint8Array): Uint8Array {
  const field = (number: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  return Buffer.concat([field(1, Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))])), field(2, raw)]);
}

/** Each call makes the next request of the stream. */
export function requestMaker(prng: Prng): () => MutatedRequest {
  const maker = new Maker(prng);
  return () => maker.next();
}
