/** Strategies of the core group. */
import { validateReplicaSetStatus } from '../../apps/v1/validation.ts';
import { labelName } from '../../meta/names.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy, StrategyContext } from '../../meta/strategy.ts';
import type { KubeObject } from '../../meta/v1/types.ts';
import { FieldPath } from '../../meta/field.ts';
import { accountWarnings, claimWarnings, endpointsWarnings, nodeWarnings, storageWarnings } from './warnings.ts';
import { templateWarnings, workloadWarnings } from './pod-warnings.ts';
import { dropDisabledFields, podStrategy } from './strategy/pod.ts';
import { serviceStrategy } from './strategy/service.ts';
import type {
  Binding, ConfigMap, Endpoints, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, PodTemplate, ReplicationController, ResourceQuota, Secret, ServiceAccount,
} from './types.ts';
import { validateClaim, validateClaimStatus, validateClaimUpdate } from './validation/claims.ts';
import {
  validateController, validateEvent, validateLimitRange, validateNode, validateNodeUpdate, validateQuota, validateQuotaStatus, validateQuotaUpdate,
} from './validation/cluster.ts';
import { need, oneOf } from './validation/common.ts';
import {
  validateConfigMap, validateConfigMapUpdate, validateNamespace, validateNamespaceStatus, validateSecret, validateSecretUpdate,
} from './validation/configuration.ts';
import { validatePodTemplate } from './validation/podspec.ts';
import { validateVolume, validateVolumeUpdate } from './validation/persistentvolumes.ts';
import { validateEndpoints } from './validation/service.ts';

const timeOf = (context: StrategyContext): string => new Date(context.now).toISOString().replace(/\.\d+Z$/, 'Z');

/** UTF-8 text as base64. */
function encode(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** `stringData` is for writing only: it goes into `data`. */
function mergeStringData(secret: Secret): void {
  if (secret.stringData === undefined) return;
  const added = Object.entries(secret.stringData).map(([key, text]) => [key, encode(text)]);
  secret.data = { ...secret.data, ...Object.fromEntries(added) };
  delete secret.stringData;
}

const namespaceStrategy = (): Strategy<Namespace> => makeStrategy<Namespace>({
  namespaced: false,
  name: labelName,
  status: true,
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { ...namespace.spec, finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
    if (namespace.metadata.name) namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name };
  },
  prepareForUpdate(namespace, old, context) {
    if (namespace.metadata.name) namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name };
    if (context.subresource !== 'finalize' && old.spec) namespace.spec = old.spec;
  },
  validate: validateNamespace,
  validateStatus: validateNamespaceStatus,
  selectableFields: (namespace) => ({ 'status.phase': namespace.status?.phase ?? '', name: namespace.metadata.name ?? '' }),
});

/** Where a node's configuration comes from is told by nothing any more: it is kept where it was, and dropped elsewhere. */
const nodeStrategy = (): Strategy<Node> => makeStrategy<Node>({
  namespaced: false,
  status: true,
  statusOnCreate: true,
  prepareForCreate(node) {
    syncPodCidrs(node);
    delete node.spec?.configSource;
    delete node.status?.config;
  },
  prepareForUpdate(node, old) {
    syncPodCidrs(node);
    if (old.spec?.configSource === undefined) delete node.spec?.configSource;
  },
  prepareForStatus(node, old) {
    if (old.status?.config === undefined) delete node.status?.config;
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatus: (node, old) => [...validateNode(node), ...validateNodeUpdate(node, old)],
  warnings: nodeWarnings,
  selectableFields: (node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
});

/** `podCIDR` is the first of `podCIDRs`. */
function syncPodCidrs(node: Node): void {
  const spec = node.spec;
  if (spec?.podCIDR && (spec.podCIDRs ?? []).length === 0) spec.podCIDRs = [spec.podCIDR];
  else if (spec !== undefined && !spec.podCIDR && spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
}

const volumeStrategy = (): Strategy<PersistentVolume> => makeStrategy<PersistentVolume>({
  namespaced: false,
  status: true,
  prepareForCreate(volume, context) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timeOf(context) };
  },
  prepareForStatus(volume, old, context) {
    if (volume.status === undefined) return;
    if (volume.status.phase !== old.status?.phase) volume.status.lastPhaseTransitionTime = timeOf(context);
    else if (old.status?.lastPhaseTransitionTime) volume.status.lastPhaseTransitionTime ??= old.status.lastPhaseTransitionTime;
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings: storageWarnings,
});

const claimStrategy = (): Strategy<PersistentVolumeClaim> => makeStrategy<PersistentVolumeClaim>({
  namespaced: true,
  status: true,
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    syncDataSource(claim);
  },
  prepareForUpdate: syncDataSource,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatus: validateClaimStatus,
  warnings: claimWarnings,
});

/** `dataSource` and `dataSourceRef` say the same as long as no other namespace is named. */
function syncDataSource(claim: PersistentVolumeClaim): void {
  const spec = claim.spec;
  if (spec === undefined) return;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { namespace: _namespace, ...source } = spec.dataSourceRef;
    spec.dataSource = source;
  }
}

const controllerStrategy = (): Strategy<ReplicationController> => makeStrategy<ReplicationController>({
  namespaced: true,
  generation: ['spec'],
  status: true,
  defaultPropagation: 'Orphan',
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
    if (controller.spec?.template?.spec) dropDisabledFields(controller.spec.template.spec);
  },
  prepareForUpdate(controller, old) {
    if (controller.spec?.template?.spec) dropDisabledFields(controller.spec.template.spec, old.spec?.template?.spec);
  },
  validate: validateController,
  validateStatus: validateReplicaSetStatus,
  warnings: workloadWarnings,
  selectableFields: (controller) => ({ 'status.replicas': String(controller.status?.replicas ?? 0) }),
});

const eventStrategy = (): Strategy<Event> => makeStrategy<Event>({
  namespaced: true,
  createOnUpdate: true,
  validate: validateEvent,
  selectableFields: eventFields,
});

/** Fields of an event in the core form by which lists are filtered. */
export function eventFields(event: Event): Record<string, string> {
  const about = event.involvedObject ?? {};
  return {
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component || (event.reportingComponent ?? ''),
    type: event.type ?? '',
  };
}

const bindingStrategy = (): Strategy<Binding> => makeStrategy<Binding>({
  namespaced: true,
  validate: (binding) => {
    const path = new FieldPath('target');
    return [...oneOf(path.child('kind'), binding.target?.kind, ['', 'Node']), ...need(path.child('name'), binding.target?.name)];
  },
});

function others(): Record<string, Strategy<never>> {
  return {
    ConfigMap: makeStrategy<ConfigMap>({ namespaced: true, validate: validateConfigMap, validateUpdate: validateConfigMapUpdate }),
    Secret: makeStrategy<Secret>({
      namespaced: true,
      prepareForCreate: mergeStringData,
      prepareForUpdate(secret, old) {
        mergeStringData(secret);
        // A write that leaves the type out does not mean to change it.
        if (!secret.type && old.type) secret.type = old.type;
      },
      validate: validateSecret,
      validateUpdate: validateSecretUpdate,
      selectableFields: (secret) => ({ type: secret.type ?? '' }),
    }),
    ServiceAccount: makeStrategy<ServiceAccount>({
      namespaced: true,
      prepareForCreate: onlySecretNames,
      prepareForUpdate: onlySecretNames,
      warnings: accountWarnings,
    }),
    LimitRange: makeStrategy<LimitRange>({ namespaced: true, createOnUpdate: true, validate: validateLimitRange }),
    ResourceQuota: makeStrategy<ResourceQuota>({
      namespaced: true, status: true, validate: validateQuota, validateUpdate: validateQuotaUpdate, validateStatus: validateQuotaStatus,
    }),
    Endpoints: makeStrategy<Endpoints>({
      namespaced: true, createOnUpdate: true, validate: validateEndpoints,
      warnings: endpointsWarnings,
    }),
    PodTemplate: makeStrategy<PodTemplate>({
      namespaced: true, generation: ['template'], prepareForCreate: (template) => void (template.template?.spec && dropDisabledFields(template.template.spec)),
      prepareForUpdate: (template, old) => void (template.template?.spec && dropDisabledFields(template.template.spec, old.template?.spec)),
      validate: (template) => validatePodTemplate(new FieldPath('template'), template.template),
      warnings: (template) => templateWarnings(template.template, new FieldPath('template')),
    }),
  };
}

/** Of an account's secrets only the names count. */
function onlySecretNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map((secret) => (secret.name === undefined ? {} : { name: secret.name }));
}

/** Kind to strategy. */
export function coreStrategies(): Record<string, Strategy<never>> {
  return {
    ...others(),
    Pod: podStrategy(),
    Service: serviceStrategy(),
    Namespace: namespaceStrategy(),
    Node: nodeStrategy(),
    PersistentVolume: volumeStrategy(),
    PersistentVolumeClaim: claimStrategy(),
    ReplicationController: controllerStrategy(),
    Event: eventStrategy(),
    Binding: bindingStrategy(),
    // Read only, made up on the fly by the server.
    ComponentStatus: makeStrategy<KubeObject>({ namespaced: false }),
  };
}
