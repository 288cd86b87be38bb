/**
 * What a kubelet may do: what its node's pods need, and nothing of other nodes.
 * https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
import { PersistentVolumes, Pods, VolumeAttachments } from '../../api/resources.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { parseFieldSelector } from '../../api/meta/selectors.ts';
import type { PersistentVolume, Pod } from '../../api/core/v1/types.ts';
import type { Clock } from '../../host/types.ts';
import type { Lookup } from '../lookup.ts';
import { nodeOf } from '../authentication/identities.ts';
import type { Attributes, Authorizer, Decision, RequestInfo } from '../types.ts';
import type { Follower } from './follow.ts';
import { BOOTSTRAP_CLUSTER_ROLES } from './bootstrap-cluster-roles.ts';
import { NodeGraph, type GraphKind } from './node-graph.ts';
import { allows, compileRules, type CompiledRules } from './rules.ts';

const allowed: Decision = Object.freeze({ decision: 'allow', reason: '' });
const silent: Decision = Object.freeze({ decision: 'no-opinion', reason: '' });
const no = (reason: string): Decision => ({ decision: 'no-opinion', reason });

const graphKinds: Readonly<Record<string, GraphKind>> = { secrets: 'secret', configmaps: 'configmap', persistentvolumeclaims: 'pvc', resourceclaims: 'resourceclaim' };
const leaseNamespace = 'kube-node-lease';
/** A kubelet may learn of its pod a moment before this cache does: an object nobody seems to use is looked for once more. */
const secondLookMs = 50;
const maxDeletedPods = 1000;

/** True when the selector admits objects of one value of the field only, and that is the wanted one. */
function pins(selector: string | undefined, field: string, value: string): boolean {
  if (selector === undefined) return false;
  try {
    return parseFieldSelector(selector).requirements.some((r) => r.field === field && r.value === value && r.operator !== '!=');
  } catch {
    return false;
  }
}

/** Authorizes users `system:node:<name>` of the group `system:nodes`. */
export class NodeAuthorizer implements Authorizer {
  readonly name = 'Node';
  readonly #graph = new NodeGraph();
  readonly #clock: Clock;
  readonly #rules: CompiledRules;
  readonly #lookup: Lookup;
  readonly #deleted = new Map<string, string>();

  constructor(clock: Clock, lookup: Lookup) {
    this.#clock = clock;
    this.#rules = compileRules(BOOTSTRAP_CLUSTER_ROLES.find((role) => role.name === 'system:node')!.rules);
    this.#lookup = lookup;
  }

  /** What the graph is drawn from; to be followed for as long as the server runs. */
  followers(): Follower[] {
    const graph = this.#graph;
    const pods: Follower<Pod> = {
      resource: Pods,
      sink: {
        replace: (items) => graph.replacePods(items),
        apply: ({ type, object }) => {
          if (type !== 'DELETED') return graph.putPod(object);
          graph.removePod(object);
          this.#rememberDeleted(object);
        },
      },
    };
    const volumes: Follower<PersistentVolume> = {
      resource: PersistentVolumes,
      sink: { replace: (items) => graph.replaceVolumes(items), apply: ({ type, object }) => (type === 'DELETED' ? graph.removeVolume(object) : graph.putVolume(object)) },
    };
    return [pods as unknown as Follower, volumes as unknown as Follower];
  }

  #rememberDeleted(pod: Pod): void {
    if (!pod.spec?.nodeName) return;
    if (this.#deleted.size >= maxDeletedPods) this.#deleted.delete(this.#deleted.keys().next().value!);
    this.#deleted.set(keyOf(pod), pod.spec.nodeName);
  }

  /** A pod that is just gone still counts as its node's, so that the kubelet reads «not found» and not «forbidden». */
  #isPodOf(node: string, namespace: string, name: string): boolean {
    const pod = this.#lookup.get(Pods, namespace, name);
    return (pod ? pod.spec?.nodeName : this.#deleted.get(`${namespace}/${name}`)) === node;
  }

  authorize({ user, info }: Attributes): Decision | Promise<Decision> {
    const node = nodeOf(user);
    if (node === undefined) return silent;
    if (node === '') return no(`unknown node for user ${JSON.stringify(user.name)}`);
    if (!info.isResourceRequest) return this.#byRules(info);
    switch (`${info.apiGroup}/${info.resource}`) {
      case '/secrets':
      case '/configmaps': return this.#namespacedRead(node, info, graphKinds[info.resource]!);
      case '/persistentvolumeclaims': return info.subresource === 'status' ? this.#claimStatus(node, info) : this.#get(node, info, () => this.#graph.uses(node, 'pvc', info.namespace, info.name));
      case 'resource.k8s.io/resourceclaims': return this.#get(node, info, () => this.#graph.uses(node, 'resourceclaim', info.namespace, info.name));
      case '/persistentvolumes': return this.#get(node, info, () => this.#graph.usesVolume(node, info.name));
      case 'storage.k8s.io/volumeattachments': return this.#get(node, info, () => this.#lookup.get(VolumeAttachments, undefined, info.name)?.spec?.nodeName === node);
      case '/serviceaccounts': return this.#token(node, info);
      case 'coordination.k8s.io/leases': return this.#lease(node, info);
      case 'storage.k8s.io/csinodes': return this.#csiNode(node, info);
      case 'resource.k8s.io/resourceslices': return this.#slice(node, info);
      case '/nodes': return this.#node(node, info);
      case '/pods': return this.#pod(node, info);
      default: return this.#byRules(info);
    }
  }

  #byRules(info: RequestInfo): Decision {
    return allows(this.#rules, info) ? allowed : silent;
  }

  /** Asks twice, a moment apart, before it says no. */
  #related(node: string, related: () => boolean): Decision | Promise<Decision> {
    if (related()) return allowed;
    return this.#clock.sleep(secondLookMs).then(() => (related() ? allowed : no(`no relationship found between node '${node}' and this object`)));
  }

  #namespacedRead(node: string, info: RequestInfo, kind: GraphKind): Decision | Promise<Decision> {
    if (!['get', 'list', 'watch'].includes(info.verb)) return no('can only read resources of this type');
    if (info.subresource !== '') return no('cannot read subresource');
    if (info.namespace === '') return no('can only read namespaced object of this type');
    if (info.name === '') return no(`No Object name found`);
    return this.#related(node, () => this.#graph.uses(node, kind, info.namespace, info.name));
  }

  #get(node: string, info: RequestInfo, related: () => boolean): Decision | Promise<Decision> {
    if (info.verb !== 'get') return no('can only get individual resources of this type');
    if (info.subresource !== '') return no('cannot get subresource');
    if (info.name === '') return no('No Object name found');
    return this.#related(node, related);
  }

  #claimStatus(node: string, info: RequestInfo): Decision | Promise<Decision> {
    if (!['update', 'patch'].includes(info.verb)) return no('can only get/update/patch this type');
    return this.#related(node, () => this.#graph.uses(node, 'pvc', info.namespace, info.name));
  }

  #token(node: string, info: RequestInfo): Decision | Promise<Decision> {
    if (info.verb === 'get' && info.subresource === '') return this.#related(node, () => this.#graph.uses(node, 'serviceaccount', info.namespace, info.name));
    if (info.verb !== 'create' || info.subresource !== 'token') return no('can only create tokens for individual service accounts');
    return this.#related(node, () => this.#graph.uses(node, 'serviceaccount', info.namespace, info.name));
  }

  #lease(node: string, info: RequestInfo): Decision {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(info.verb)) return no('can only get, create, update, patch, or delete a node lease');
    if (info.namespace !== leaseNamespace) return no(`can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`);
    return info.verb !== 'create' && info.name !== node ? no('can only access node lease with the same name as the requesting node') : allowed;
  }

  #csiNode(node: string, info: RequestInfo): Decision {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(info.verb)) return no('can only get, create, update, patch, or delete a CSINode');
    if (info.subresource !== '') return no('cannot authorize CSINode subresources');
    return info.verb !== 'create' && info.name !== node ? no('can only access CSINode with the same name as the requesting node') : allowed;
  }

  #slice(node: string, info: RequestInfo): Decision {
    if (info.subresource !== '') return no('cannot authorize ResourceSlice subresources');
    if (['get', 'create', 'update', 'patch', 'delete'].includes(info.verb)) return allowed;
    if (['list', 'watch', 'deletecollection'].includes(info.verb) && pins(info.fieldSelector, 'spec.nodeName', node)) return allowed;
    return no('only the following verbs are allowed for a ResourceSlice: get, create, update, patch, delete; list, watch and deletecollection with a spec.nodeName selector');
  }

  #node(node: string, info: RequestInfo): Decision {
    if (info.subresource === '' && ['get', 'list', 'watch'].includes(info.verb) && info.name !== node) {
      return no(info.name === '' ? `node ${JSON.stringify(node)} cannot ${info.verb} all nodes, only its own Node object` : `node ${JSON.stringify(node)} cannot read ${JSON.stringify(info.name)}, only its own Node object`);
    }
    return this.#byRules(info);
  }

  #pod(node: string, info: RequestInfo): Decision | Promise<Decision> {
    if (info.subresource !== '') return this.#byRules(info);
    if (info.verb === 'get') return this.#related(node, () => this.#isPodOf(node, info.namespace, info.name));
    if (info.verb === 'list' || info.verb === 'watch') {
      return pins(info.fieldSelector, 'spec.nodeName', node) ? allowed : no('can only list/watch pods with spec.nodeName field selector');
    }
    return this.#byRules(info);
  }
}
