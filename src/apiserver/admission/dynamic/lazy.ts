/** The plug-ins that need CEL: nothing of it is loaded before the first webhook or policy is there. */
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import {
  MutatingAdmissionPolicyBindings, MutatingWebhookConfigurations, ValidatingAdmissionPolicyBindings, ValidatingWebhookConfigurations,
} from '../../../api/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../types.ts';
import type { CreatePlugin } from '../context.ts';

const CONFIGURATIONS = new Set([
  'validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings',
]);

/** What configures admission is never subject to it: one could lock oneself out for good. */
export const isConfiguration = ({ resource }: AdmissionRequest): boolean => resource.group === 'admissionregistration.k8s.io' && CONFIGURATIONS.has(resource.plural);

interface Lazy {
  name: string;
  handles: (request: AdmissionRequest) => boolean;
  load: () => Promise<CreatePlugin>;
}

/** A plug-in that is loaded when it is first asked. */
function lazily(steps: 'mutate' | 'validate', describe: (list: (resource: Resource) => readonly KubeObject[]) => Lazy): CreatePlugin {
  return (context) => {
    const { name, handles, load } = describe((resource) => context.lookup.list(resource));
    let loading: Promise<AdmissionPlugin> | undefined;
    const plugin = (): Promise<AdmissionPlugin> => (loading ??= load().then((create) => create(context)));
    return { name, handles, [steps]: async (request: AdmissionRequest) => (await plugin())[steps]!(request) };
  };
}

/** For everything but configurations of admission, while there is an object of the kind. */
const whileAny = (steps: 'mutate' | 'validate', name: string, resource: Resource, load: () => Promise<CreatePlugin>): CreatePlugin =>
  lazily(steps, (list) => ({ name, load, handles: (request) => !isConfiguration(request) && list(resource).length > 0 }));

export const mutatingAdmissionPolicy = whileAny('mutate', 'MutatingAdmissionPolicy', MutatingAdmissionPolicyBindings, async () => (await import('./mutating-policies.ts')).mutatingPolicies);
export const mutatingAdmissionWebhook = whileAny('mutate', 'MutatingAdmissionWebhook', MutatingWebhookConfigurations, async () => (await import('./webhooks.ts')).mutatingWebhooks);
export const validatingAdmissionPolicy = whileAny('validate', 'ValidatingAdmissionPolicy', ValidatingAdmissionPolicyBindings, async () => (await import('./validating-policies.ts')).validatingPolicies);
export const validatingAdmissionWebhook = whileAny('validate', 'ValidatingAdmissionWebhook', ValidatingWebhookConfigurations, async () => (await import('./webhooks.ts')).validatingWebhooks);

/** Looks only at what configures admission. */
export const admissionExpressions = lazily('validate', () => ({
  name: 'AdmissionExpressions',
  handles: (request) => isConfiguration(request) && (request.operation === 'CREATE' || request.operation === 'UPDATE') && request.subresource === '',
  load: async () => (await import('./expressions.ts')).expressionChecks,
}));
