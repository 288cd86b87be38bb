/** Printers of networking, storage, access, admission and the rest of the cluster's furniture. */
import type {
  MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingWebhookConfiguration, ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration,
} from '../../api/admissionregistration/v1/types.ts';
import type { APIService } from '../../api/apiregistration/v1/types.ts';
import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import type { Lease } from '../../api/coordination/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { IPAddress, Ingress, IngressClass, NetworkPolicy, ServiceCIDR } from '../../api/networking/v1/types.ts';
import type { RuntimeClass } from '../../api/node/v1/types.ts';
import type { ClusterRoleBinding, RoleBinding } from '../../api/rbac/v1/types.ts';
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../api/resource/v1/types.ts';
import type { PriorityClass } from '../../api/scheduling/v1/types.ts';
import type { CSIDriver, CSINode, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../api/storage/v1/types.ts';
import type { Cell } from './cells.ts';
import { age, durationText, firstFew, NONE, selectorText, UNSET } from './cells.ts';
import type { Printer } from './column.ts';
import { AGE, boolean, integer, NAME, printer, text } from './column.ts';

const nameOf = (object: KubeObject): string => object.metadata.name ?? '';
const ageOf = (object: KubeObject, now: number): string => age(object.metadata.creationTimestamp, now);
const isAnnotated = (object: KubeObject, ...names: string[]): boolean => names.some((name) => object.metadata.annotations?.[name] === 'true');

function hostsText(ingress: Ingress): string {
  const rules = ingress.spec?.rules ?? [];
  const hosts = rules.map((rule) => rule.host ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  return rules.length > 3 && hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${rules.length - 3} more...` : hosts.slice(0, 3).join(',');
}

function ingressAddress(ingress: Ingress): string {
  const found = (ingress.status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || entry.hostname || '').filter((entry) => entry !== '');
  return [...new Set(found)].toSorted().join(',');
}

function parametersText(ingressClass: IngressClass): string {
  const parameters = ingressClass.spec?.parameters;
  return parameters === undefined ? NONE : `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`;
}

function parentText(address: IPAddress): string {
  const parent = address.spec?.parentRef;
  if (parent === undefined) return NONE;
  return `${parent.resource}${parent.group ? `.${parent.group}` : ''}${parent.namespace ? `/${parent.namespace}` : ''}/${parent.name}`.toLowerCase();
}

function networkPrinters(): Record<string, Printer> {
  return {
    'networking.k8s.io/Ingress': printer<Ingress>([NAME, text('Class'), text('Hosts'), text('Address'), text('Ports'), AGE], (object, now) => [
      nameOf(object), object.spec?.ingressClassName ?? NONE, hostsText(object), ingressAddress(object), (object.spec?.tls ?? []).length > 0 ? '80, 443' : '80', ageOf(object, now),
    ]),
    'networking.k8s.io/IngressClass': printer<IngressClass>([NAME, text('Controller'), text('Parameters'), AGE], (object, now) => [
      isAnnotated(object, 'ingressclass.kubernetes.io/is-default-class') ? `${nameOf(object)} (default)` : nameOf(object), object.spec?.controller ?? '', parametersText(object), ageOf(object, now),
    ]),
    'networking.k8s.io/NetworkPolicy': printer<NetworkPolicy>([NAME, text('Pod-Selector'), AGE], (object, now) => [nameOf(object), selectorText(object.spec?.podSelector), ageOf(object, now)]),
    // The third cell has no column: clients that know of it only show two.
    'networking.k8s.io/IPAddress': printer<IPAddress>([NAME, text('ParentRef')], (object, now) => [nameOf(object), parentText(object), ageOf(object, now)]),
    'networking.k8s.io/ServiceCIDR': printer<ServiceCIDR>([NAME, text('CIDRs'), AGE], (object, now) => [nameOf(object), (object.spec?.cidrs ?? []).join(','), ageOf(object, now)]),
    'discovery.k8s.io/EndpointSlice': printer<EndpointSlice>([NAME, text('AddressType'), text('Ports'), text('Endpoints'), AGE], (object, now) => [
      nameOf(object), object.addressType ?? '', firstFew((object.ports ?? []).map((port) => (port.port === undefined ? port.name || '*' : String(port.port))), 3, UNSET),
      firstFew((object.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []), 3, UNSET), ageOf(object, now),
    ]),
  };
}

function storagePrinters(): Record<string, Printer> {
  return {
    'storage.k8s.io/StorageClass': printer<StorageClass>([NAME, text('Provisioner'), text('ReclaimPolicy'), text('VolumeBindingMode'), text('AllowVolumeExpansion'), AGE], (object, now) => [
      isAnnotated(object, 'storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class') ? `${nameOf(object)} (default)` : nameOf(object),
      object.provisioner, object.reclaimPolicy ?? 'Delete', object.volumeBindingMode ?? 'Immediate', object.allowVolumeExpansion ?? false, ageOf(object, now),
    ]),
    'storage.k8s.io/CSIDriver': printer<CSIDriver>(
      [NAME, boolean('AttachRequired'), boolean('PodInfoOnMount'), boolean('StorageCapacity'), text('TokenRequests'), boolean('RequiresRepublish'), text('Modes'), AGE],
      (object, now) => [
        nameOf(object), object.spec?.attachRequired ?? true, object.spec?.podInfoOnMount ?? false, object.spec?.storageCapacity ?? false,
        object.spec?.tokenRequests === undefined ? UNSET : object.spec.tokenRequests.map((request) => request.audience).join(','), object.spec?.requiresRepublish ?? false,
        (object.spec?.volumeLifecycleModes ?? []).join(',') || NONE, ageOf(object, now),
      ],
    ),
    'storage.k8s.io/CSINode': printer<CSINode>([NAME, integer('Drivers'), AGE], (object, now) => [nameOf(object), (object.spec?.drivers ?? []).length, ageOf(object, now)]),
    'storage.k8s.io/VolumeAttachment': printer<VolumeAttachment>([NAME, ['Attacher', 'string', 'name', 0], text('PV'), text('Node'), boolean('Attached'), AGE], (object, now) => [
      nameOf(object), object.spec?.attacher ?? '', object.spec?.source?.persistentVolumeName ?? '', object.spec?.nodeName ?? '', object.status?.attached ?? false, ageOf(object, now),
    ]),
    'storage.k8s.io/VolumeAttributesClass': printer<VolumeAttributesClass>([NAME, text('DriverName'), AGE], (object, now) => [nameOf(object), object.driverName ?? '', ageOf(object, now)]),
  };
}

const BINDING_COLUMNS = [NAME, text('Role'), AGE, text('Users', 1), text('Groups', 1), text('ServiceAccounts', 1)];

function bindingCells(binding: RoleBinding | ClusterRoleBinding, now: number): Cell[] {
  const of = (kind: string): string => (binding.subjects ?? []).filter((subject) => subject.kind === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name)).join(', ');
  return [nameOf(binding), `${binding.roleRef.kind}/${binding.roleRef.name}`, ageOf(binding, now), of('User'), of('Group'), of('ServiceAccount')];
}

function requestCells(request: CertificateSigningRequest, now: number): Cell[] {
  const { spec, status } = request;
  const has = (type: string): boolean => getCondition(status?.conditions, type) !== undefined;
  const decided = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  const condition = `${decided}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
  return [nameOf(request), ageOf(request, now), spec?.signerName || NONE, spec?.username ?? '', spec?.expirationSeconds === undefined ? NONE : durationText(spec.expirationSeconds * 1000), condition];
}

function availability(service: APIService): string {
  const available = getCondition(service.status?.conditions, 'Available');
  if (available === undefined) return 'Unknown';
  return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
}

const kindText = (kind: ParamKind | undefined): string => (kind === undefined ? UNSET : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`);

function referenceText(reference: ParamRef | undefined): string {
  if (reference === undefined) return UNSET;
  if (reference.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference.selector === undefined ? UNSET : selectorText(reference.selector);
}

function admissionPrinters(): Record<string, Printer> {
  const group = 'admissionregistration.k8s.io';
  const hooks = (object: MutatingWebhookConfiguration | ValidatingWebhookConfiguration, now: number): Cell[] => [nameOf(object), (object.webhooks ?? []).length, ageOf(object, now)];
  const binding = (object: MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding, now: number): Cell[] => [nameOf(object), object.spec?.policyName ?? '', referenceText(object.spec?.paramRef), ageOf(object, now)];
  const bindingColumns = [NAME, text('PolicyName'), text('ParamRef'), AGE];
  return {
    [`${group}/MutatingWebhookConfiguration`]: printer<MutatingWebhookConfiguration>([NAME, integer('Webhooks'), AGE], hooks),
    [`${group}/ValidatingWebhookConfiguration`]: printer<ValidatingWebhookConfiguration>([NAME, integer('Webhooks'), AGE], hooks),
    [`${group}/ValidatingAdmissionPolicy`]: printer<ValidatingAdmissionPolicy>([NAME, integer('Validations'), text('ParamKind'), AGE], (object, now) => [
      nameOf(object), (object.spec?.validations ?? []).length, kindText(object.spec?.paramKind), ageOf(object, now),
    ]),
    [`${group}/ValidatingAdmissionPolicyBinding`]: printer<ValidatingAdmissionPolicyBinding>(bindingColumns, binding),
    [`${group}/MutatingAdmissionPolicy`]: printer<MutatingAdmissionPolicy>([NAME, integer('Mutations'), text('ParamKind'), AGE], (object, now) => [
      nameOf(object), (object.spec?.mutations ?? []).length, kindText(object.spec?.paramKind), ageOf(object, now),
    ]),
    [`${group}/MutatingAdmissionPolicyBinding`]: printer<MutatingAdmissionPolicyBinding>(bindingColumns, binding),
  };
}

function claimState(claim: ResourceClaim): string {
  const allocated = claim.status?.allocation !== undefined;
  const deleted = claim.metadata.deletionTimestamp !== undefined;
  const states = [deleted ? 'deleted' : '', allocated ? 'allocated' : deleted ? '' : 'pending', allocated && (claim.status?.reservedFor ?? []).length > 0 ? 'reserved' : ''];
  return states.filter((state) => state !== '').join(',');
}

function resourcePrinters(): Record<string, Printer> {
  return {
    'resource.k8s.io/DeviceClass': printer<DeviceClass>([NAME, AGE], (object, now) => [nameOf(object), ageOf(object, now)]),
    'resource.k8s.io/ResourceClaimTemplate': printer<ResourceClaimTemplate>([NAME, AGE], (object, now) => [nameOf(object), ageOf(object, now)]),
    'resource.k8s.io/ResourceClaim': printer<ResourceClaim>([NAME, text('State'), AGE], (object, now) => [nameOf(object), claimState(object), ageOf(object, now)]),
    'resource.k8s.io/ResourceSlice': printer<ResourceSlice>([NAME, text('Node'), text('Driver'), text('Pool'), AGE], (object, now) => [
      nameOf(object), object.spec?.nodeName ?? '', object.spec?.driver ?? '', object.spec?.pool?.name ?? '', ageOf(object, now),
    ]),
  };
}

function levelCells(level: PriorityLevelConfiguration, now: number): Cell[] {
  const limited = level.spec?.limited;
  const queuing = limited?.limitResponse?.queuing;
  return [
    nameOf(level), level.spec?.type ?? '', limited?.nominalConcurrencyShares ?? NONE, queuing?.queues ?? NONE, queuing?.handSize ?? NONE, queuing?.queueLengthLimit ?? NONE, ageOf(level, now),
  ];
}

/** Group and kind to printer. */
export function clusterPrinters(): Record<string, Printer> {
  return {
    ...networkPrinters(),
    ...storagePrinters(),
    ...admissionPrinters(),
    ...resourcePrinters(),
    'rbac.authorization.k8s.io/RoleBinding': printer<RoleBinding>(BINDING_COLUMNS, bindingCells),
    'rbac.authorization.k8s.io/ClusterRoleBinding': printer<ClusterRoleBinding>(BINDING_COLUMNS, bindingCells),
    'certificates.k8s.io/CertificateSigningRequest': printer<CertificateSigningRequest>([NAME, AGE, text('SignerName'), text('Requestor'), text('RequestedDuration'), text('Condition')], requestCells),
    'apiregistration.k8s.io/APIService': printer<APIService>([NAME, text('Service'), text('Available'), AGE], (object, now) => [
      nameOf(object), object.spec?.service === undefined ? 'Local' : `${object.spec.service.namespace ?? ''}/${object.spec.service.name ?? ''}`, availability(object), ageOf(object, now),
    ]),
    'coordination.k8s.io/Lease': printer<Lease>([NAME, text('Holder'), AGE], (object, now) => [nameOf(object), object.spec?.holderIdentity ?? '', ageOf(object, now)]),
    'scheduling.k8s.io/PriorityClass': printer<PriorityClass>([NAME, integer('Value'), boolean('Global-Default'), AGE, text('PreemptionPolicy')], (object, now) => [
      nameOf(object), object.value ?? 0, object.globalDefault ?? false, ageOf(object, now), object.preemptionPolicy ?? '',
    ]),
    'node.k8s.io/RuntimeClass': printer<RuntimeClass>([NAME, text('Handler'), AGE], (object, now) => [nameOf(object), object.handler ?? '', ageOf(object, now)]),
    'flowcontrol.apiserver.k8s.io/FlowSchema': printer<FlowSchema>([NAME, text('PriorityLevel'), text('MatchingPrecedence'), text('DistinguisherMethod'), AGE, text('MissingPL')], (object, now) => [
      nameOf(object), object.spec?.priorityLevelConfiguration?.name ?? '', object.spec?.matchingPrecedence ?? 0, object.spec?.distinguisherMethod?.type ?? NONE, ageOf(object, now),
      getCondition(object.status?.conditions, 'Dangling')?.status ?? '?',
    ]),
    'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': printer<PriorityLevelConfiguration>(
      [NAME, text('Type'), text('NominalConcurrencyShares'), text('Queues'), text('HandSize'), text('QueueLengthLimit'), AGE], levelCells,
    ),
  };
}

