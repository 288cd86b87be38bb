/** The admission plug-ins in the order in which they run. A new plug-in is a file of its own and a line here. */
import type { HistogramSeries } from '../../base/metrics.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../types.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts';
import type { AdmissionContext, CreatePlugin } from './context.ts';
import { customResourceRules } from './custom-resource-rules.ts';
import { defaultIngressClass, defaultStorageClass } from './default-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { admissionExpressions, mutatingAdmissionPolicy, mutatingAdmissionWebhook, validatingAdmissionPolicy, validatingAdmissionWebhook } from './dynamic/lazy.ts';
import { deviceSelectors } from './device-selectors.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podSecurity } from './pod-security/plugin.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { resourceQuota } from './resource-quota/plugin.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

interface Listed {
  name: string;
  /** Answers undefined when the plug-in needs a part that this server does not have. */
  create: (context: AdmissionContext) => AdmissionPlugin | undefined;
  onByDefault: boolean;
}

const on = (name: string, create: CreatePlugin): Listed => ({ name, create, onByDefault: true });

/** All plug-ins, in order: those that change objects run before the webhooks' place, quota comes last, when the object is final. */
export function listedPlugins(): readonly Listed[] {
  return [
    on('NamespaceLifecycle', namespaceLifecycle),
    on('LimitRanger', limitRanger),
    on('ServiceAccount', serviceAccount),
    on('NodeRestriction', nodeRestriction),
    on('TaintNodesByCondition', taintNodesByCondition),
    on('PodSecurity', podSecurity),
    on('Priority', priority),
    on('DefaultTolerationSeconds', defaultTolerationSeconds),
    on('DefaultStorageClass', defaultStorageClass),
    // The controllers `persistentvolumeclaim-protection-controller` and its like take the finalizers away again.
    on('StorageObjectInUseProtection', storageObjectInUseProtection),
    on('PersistentVolumeClaimResize', persistentVolumeClaimResize),
    on('RuntimeClass', runtimeClass),
    on('CertificateApproval', certificateApproval),
    on('CertificateSigning', certificateSigning),
    on('CertificateSubjectRestriction', certificateSubjectRestriction),
    on('DefaultIngressClass', defaultIngressClass),
    { name: 'RBACEscalation', onByDefault: true, create: ({ authorizer, rbac }) => rbac && rbacEscalation(authorizer, rbac) },
    on('MutatingAdmissionPolicy', mutatingAdmissionPolicy),
    on('MutatingAdmissionWebhook', mutatingAdmissionWebhook),
    on('AdmissionExpressions', admissionExpressions),
    on('CustomResourceRules', customResourceRules),
    on('DeviceSelectors', deviceSelectors),
    on('ValidatingAdmissionPolicy', validatingAdmissionPolicy),
    on('ValidatingAdmissionWebhook', validatingAdmissionWebhook),
    on('ResourceQuota', resourceQuota),
  ];
}

export interface AdmissionSettings {
  enable: readonly string[];
  disable: readonly string[];
  /** Where calls of a sort are counted: [name, operation, rejected, type]. Each sort is asked for once. */
  seriesOf?: (labels: readonly string[]) => Pick<HistogramSeries, 'observe'>;
}

type Step = 'admit' | 'validate';

/** Takes the time of a plug-in's calls. */
function observed(plugin: AdmissionPlugin, context: AdmissionContext, seriesOf: NonNullable<AdmissionSettings['seriesOf']>): AdmissionPlugin {
  const { clock } = context.host;
  const timed = (step: Step, call: (request: AdmissionRequest) => void | Promise<void>): ((request: AdmissionRequest) => void | Promise<void>) => {
    const passed = new Map<string, Pick<HistogramSeries, 'observe'>>();
    return (request) => run(request, step, passed, call);
  };
  const run = (request: AdmissionRequest, step: Step, passed: Map<string, Pick<HistogramSeries, 'observe'>>, call: (request: AdmissionRequest) => void | Promise<void>): void | Promise<void> => {
    const started = clock.monotonic();
    const done = (rejected: boolean): void => {
      let series = rejected ? undefined : passed.get(request.operation);
      if (series === undefined) {
        series = seriesOf([plugin.name, request.operation, String(rejected), step]);
        if (!rejected) passed.set(request.operation, series);
      }
      series.observe((clock.monotonic() - started) / 1000);
    };
    let result: void | Promise<void>;
    try {
      result = call(request);
    } catch (error) {
      done(true);
      throw error;
    }
    // Most plug-ins answer at once: they shall not be made to wait for a promise.
    if (!(result instanceof Promise)) return done(false);
    return result.then(() => done(false), (error: unknown) => {
      done(true);
      throw error;
    });
  };
  return {
    name: plugin.name,
    handles: plugin.handles.bind(plugin),
    ...(plugin.mutate ? { mutate: timed('admit', plugin.mutate.bind(plugin)) } : {}),
    ...(plugin.validate ? { validate: timed('validate', plugin.validate.bind(plugin)) } : {}),
  };
}

/** The plug-ins that run. Throws for names that are not in the list. */
export function createAdmission(context: AdmissionContext, settings: AdmissionSettings): AdmissionPlugin[] {
  const listed = listedPlugins();
  const known = new Set(listed.map(({ name }) => name));
  for (const name of [...settings.enable, ...settings.disable]) if (!known.has(name)) throw new Error(`unknown admission plug-in ${JSON.stringify(name)}: known are ${[...known].join(', ')}`);
  return listed
    .filter(({ name, onByDefault }) => !settings.disable.includes(name) && (onByDefault || settings.enable.includes(name)))
    .flatMap(({ create }) => create(context) ?? [])
    .map((plugin) => (settings.seriesOf ? observed(plugin, context, settings.seriesOf) : plugin));
}
