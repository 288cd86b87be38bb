/**
 * A kubelet writes about its own node and its own pods only, whatever its rights say.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
import { isDeepStrictEqual } from 'node:util';
import type { TokenRequest } from '../../api/authentication/v1/types.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { notFound } from '../../api/meta/status.ts';
import type { ResourceSlice } from '../../api/resource/v1/types.ts';
import { CSINodes, Leases, Nodes, PersistentVolumeClaims, Pods, ResourceSlices, ServiceAccounts } from '../../api/resources.ts';
import { nodeOf } from '../authentication/identities.ts';
import { referencesOf } from '../authorization/node-graph.ts';
import type { AdmissionRequest } from '../types.ts';
import { find } from '../lookup.ts';
import { isFor, nameOf, objectOf, oldOf, refusal, type AdmissionContext, type CreatePlugin } from './context.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const q = (text: string): string => JSON.stringify(text);

/** Labels of the reserved domains that a kubelet may set on its node. */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/arch', 'kubernetes.io/os', 'beta.kubernetes.io/arch', 'beta.kubernetes.io/os', 'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type',
  'node.kubernetes.io/windows-build', 'failure-domain.beta.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region', 'failure-domain.kubernetes.io/zone',
]);
const kubeletLabelDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const inDomain = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);

/** Whether only others than the kubelet may set the label. */
export function isRestrictedLabel(label: string): boolean {
  const [domain, name] = label.split('/');
  if (name === undefined) return false;
  if (inDomain(domain!, 'node-restriction.kubernetes.io')) return true;
  if (!inDomain(domain!, 'kubernetes.io') && !inDomain(domain!, 'k8s.io')) return false;
  return !kubeletLabels.has(label) && !kubeletLabelDomains.some((allowed) => inDomain(domain!, allowed));
}

function changedLabels(wanted: Record<string, string> = {}, old: Record<string, string> = {}): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(old)])].filter((label) => wanted[label] !== old[label]);
}

function checkMirrorPod(request: AdmissionRequest, node: string): void {
  const pod = objectOf<Pod>(request);
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined) throw refusal(request, `pod does not have ${q(mirrorAnnotation)} annotation, node ${q(node)} can only create mirror pods`);
  if (pod.spec?.nodeName !== node) throw refusal(request, `node ${q(node)} can only create pods with spec.nodeName set to itself`);
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length !== 1) throw refusal(request, `node ${q(node)} can only create pods with an owner reference set to itself`);
  const [owner] = owners;
  if (owner!.apiVersion !== 'v1' || owner!.kind !== 'Node' || owner!.name !== node) throw refusal(request, `node ${q(node)} can only create pods with an owner reference set to itself`);
  for (const [kind] of referencesOf(pod)) {
    const what = { secret: 'secrets', configmap: 'configmaps', pvc: 'persistentvolumeclaims', serviceaccount: 'serviceaccounts', resourceclaim: 'resourceclaims' }[kind];
    throw refusal(request, `node ${q(node)} can not create pods that reference ${what}`);
  }
}

async function checkPodWrite(context: AdmissionContext, request: AdmissionRequest, node: string, what: string): Promise<void> {
  const pod = (request.oldObject as unknown as Pod | undefined) ?? (await find(context, Pods, request.namespace, nameOf(request)));
  // The registry says «not found» itself.
  if (!pod) return;
  if (pod.spec?.nodeName !== node) throw refusal(request, `node ${q(node)} can only ${what} for pods with spec.nodeName set to itself`);
}

async function admitPod(context: AdmissionContext, request: AdmissionRequest, node: string): Promise<void> {
  const { operation, subresource } = request;
  if (subresource === '' && operation === 'CREATE') return checkMirrorPod(request, node);
  if (subresource === '' && operation === 'DELETE') {
    const pod = (request.oldObject as unknown as Pod | undefined) ?? (await find(context, Pods, request.namespace, request.name));
    if (pod && pod.spec?.nodeName !== node) throw refusal(request, `node ${q(node)} can only delete pods with spec.nodeName set to itself`);
    return;
  }
  if (subresource === 'status' && operation === 'UPDATE') {
    await checkPodWrite(context, request, node, 'update pod status');
    const [pod, old] = [objectOf<Pod>(request), oldOf<Pod>(request)];
    if (!isDeepStrictEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) throw refusal(request, `node ${q(node)} cannot update labels through pod status`);
    return;
  }
  if (subresource === 'eviction' && operation === 'CREATE') return checkPodWrite(context, request, node, 'evict pods');
  if (subresource === '') throw refusal(request, `unexpected operation ${q(operation)}, node ${q(node)} can only create and delete mirror pods`);
  throw refusal(request, `unexpected pod subresource ${q(subresource)}, only 'status' and 'eviction' are allowed`);
}

function admitNode(request: AdmissionRequest, node: string): void {
  const name = nameOf(request);
  if (name !== node) throw refusal(request, `node ${q(node)} is not allowed to modify node ${q(name)}`);
  if (request.operation === 'CREATE') {
    const labels = Object.keys(objectOf<Node>(request).metadata.labels ?? {}).filter(isRestrictedLabel).toSorted();
    if (labels.length > 0) throw refusal(request, `node ${q(node)} is not allowed to set the following labels: ${labels.join(', ')}`);
    if (objectOf<Node>(request).metadata.ownerReferences?.length) throw refusal(request, `node ${q(node)} is not allowed to set ownerReferences`);
  }
  if (request.operation !== 'UPDATE') return;
  const [wanted, old] = [objectOf<Node>(request), oldOf<Node>(request)];
  if (!isDeepStrictEqual(wanted.spec?.configSource, old.spec?.configSource) && wanted.spec?.configSource !== undefined) throw refusal(request, `node ${q(node)} is not allowed to update configSource to a new non-nil configSource`);
  if (!isDeepStrictEqual(wanted.spec?.taints ?? [], old.spec?.taints ?? [])) throw refusal(request, `node ${q(node)} is not allowed to modify taints`);
  const labels = changedLabels(wanted.metadata.labels, old.metadata.labels).filter(isRestrictedLabel).toSorted();
  if (labels.length > 0) throw refusal(request, `is not allowed to modify labels: ${labels.join(', ')}`);
  if (!isDeepStrictEqual(wanted.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) throw refusal(request, `node ${q(node)} is not allowed to modify ownerReferences`);
}

async function admitToken(context: AdmissionContext, request: AdmissionRequest, node: string): Promise<void> {
  const reference = objectOf<TokenRequest>(request).spec?.boundObjectRef;
  if (reference?.apiVersion !== 'v1' || reference.kind !== 'Pod' || !reference.name) throw refusal(request, 'node requested token not bound to a pod');
  if (!reference.uid) throw refusal(request, 'node requested token with a pod binding without a uid');
  const pod = await find(context, Pods, request.namespace, reference.name);
  if (!pod) throw notFound({ group: '', plural: 'pods' }, reference.name);
  if (pod.metadata.uid !== reference.uid) throw refusal(request, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  if (pod.spec?.nodeName !== node) throw refusal(request, 'node requested token bound to a pod scheduled on a different node');
}

function admitLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== 'kube-node-lease') throw refusal(request, `can only access leases in the "kube-node-lease" system namespace`);
  if (nameOf(request) !== node) throw refusal(request, 'can only access node lease with the same name as the requesting node');
}

function admitSlice(request: AdmissionRequest, node: string): void {
  const slice = (request.operation === 'DELETE' ? request.oldObject : request.object) as unknown as ResourceSlice | undefined;
  if (slice && slice.spec?.nodeName !== node) throw refusal(request, request.operation === 'CREATE' ? 'can only create ResourceSlice with the same NodeName as the requesting node' : 'can only update or delete ResourceSlice with the same NodeName as the requesting node');
}

export const nodeRestriction: CreatePlugin = (context) => ({
  name: 'NodeRestriction',
  handles: (request) => request.operation !== 'CONNECT' && nodeOf(request.user) !== undefined,
  async validate(request) {
    const node = nodeOf(request.user)!;
    if (node === '') throw refusal(request, `could not determine node from user ${q(request.user.name)}`);
    switch (`${request.resource.group}/${request.resource.plural}`) {
      case `/${Pods.plural}`: return admitPod(context, request, node);
      case `/${Nodes.plural}`: return admitNode(request, node);
      case `/${ServiceAccounts.plural}`: return request.subresource === 'token' ? admitToken(context, request, node) : undefined;
      case `${Leases.group}/${Leases.plural}`: return admitLease(request, node);
      case `${CSINodes.group}/${CSINodes.plural}`:
        if (nameOf(request) !== node) throw refusal(request, 'can only access CSINode with the same name as the requesting node');
        return undefined;
      case `${ResourceSlices.group}/${ResourceSlices.plural}`: return admitSlice(request, node);
      case `/${PersistentVolumeClaims.plural}`:
        if (!isFor(request, PersistentVolumeClaims, ['status'])) throw refusal(request, `may only update PVC status`);
        return undefined;
      default: return undefined;
    }
  },
});
