/** `MutatingAdmissionWebhook` and `ValidatingAdmissionWebhook`: somebody else's HTTPS server decides. */
import { internalError, StatusError } from '../../../api/meta/status.ts';
import { MutatingWebhookConfigurations, ValidatingWebhookConfigurations } from '../../../api/resources.ts';
import { jsonPatch, type Json } from '../../patch/index.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext, CreatePlugin } from '../context.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import { annotate } from './annotate.ts';
import { ask, concerns, HookList, type Hook } from './hooks.ts';
import { inVersion, takeOver } from './versions.ts';

const MUTATING = 'MutatingAdmissionWebhook';

/** Which webhooks a request has met, and which must see it again. */
interface Kept {
  /** Called so far, those with `reinvocationPolicy: IfNeeded`. */
  met: Set<string>;
  again: Set<string>;
  /** The object as the last webhook left it. */
  left: string;
}

const keptOf = (request: AdmissionRequest): Kept => {
  const { kept } = request.rounds!;
  let own = kept.get(MUTATING) as Kept | undefined;
  if (own === undefined) kept.set(MUTATING, (own = { met: new Set(), again: new Set(), left: '' }));
  return own;
};

/** Everybody met so far must look again. */
function changed(request: AdmissionRequest, kept: Kept): void {
  for (const id of kept.met) kept.again.add(id);
  kept.met.clear();
  request.rounds!.again = true;
}

/** `round_0_index_2`: which webhook of which round. */
const placeOf = (round: number, index: number): string => `round_${round}_index_${index}`;

/** Sends the object and applies the patch that comes back; true when that changed it. */
async function mutateBy(hook: Hook, place: string, request: AdmissionRequest, resource: Resource, context: AdmissionContext): Promise<boolean> {
  const verdict = await ask(hook, place, request, resource, context, true);
  if (verdict?.patch === undefined || !Array.isArray(verdict.patch) || verdict.patch.length === 0) return false;
  if (request.object === undefined) throw internalError(new Error(`admission webhook "${hook.webhook.name}" attempted to modify the object, which is not supported for this operation`));
  const before = inVersion(request, request.object, resource)!;
  let after: Json;
  try {
    after = jsonPatch(before as Json, verdict.patch as Json);
  } catch (error) {
    // What clients of patches are told goes before it, and means nobody here.
    throw internalError(new Error((error as Error).message.replace(/^the server rejected our request due to an error in our request: /, '')));
  }
  if (typeof after !== 'object' || after === null || Array.isArray(after)) throw internalError(new Error(`admission webhook "${hook.webhook.name}" made the object something else`));
  if (request.auditLevel !== 'Metadata') annotate(request, `patch.webhook.admission.k8s.io/${place}`, JSON.stringify({ configuration: hook.configuration, webhook: hook.webhook.name, patch: verdict.patch, patchType: 'JSONPatch' }));
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  try {
    await takeOver(request, after, resource, context);
  } catch (error) {
    throw error instanceof StatusError ? internalError(new Error(error.message)) : error;
  }
  return true;
}

/** Webhooks one after the other, each seeing what those before it did. */
export const mutatingWebhooks: CreatePlugin = (context) => {
  const hooks = new HookList();
  const configurations = (): ReturnType<typeof context.lookup.list<never>> => context.lookup.list(MutatingWebhookConfigurations) as never;
  return {
    name: MUTATING,
    handles: () => true,
    async mutate(request) {
      const { round } = request.rounds!;
      const kept = keptOf(request);
      if (round > 0 && JSON.stringify(request.object) !== kept.left) changed(request, kept);
      for (const [index, hook] of hooks.of(configurations()).entries()) {
        if (round > 0 && !kept.again.has(hook.id)) continue;
        const resource = await concerns(hook, request, context);
        if (resource === undefined) continue;
        const place = placeOf(round, index);
        let mutated = false;
        try {
          mutated = await mutateBy(hook, place, request, resource, context);
        } finally {
          annotate(request, `mutation.webhook.admission.k8s.io/${place}`, JSON.stringify({ configuration: hook.configuration, webhook: hook.webhook.name, mutated }));
        }
        if (mutated) changed(request, kept);
        if (hook.webhook.reinvocationPolicy === 'IfNeeded') kept.met.add(hook.id);
      }
      kept.left = JSON.stringify(request.object);
    },
  };
};

/** All at once; the refusal of the first in their order is the one that is told. */
export const validatingWebhooks: CreatePlugin = (context) => {
  const hooks = new HookList();
  const configurations = (): ReturnType<typeof context.lookup.list<never>> => context.lookup.list(ValidatingWebhookConfigurations) as never;
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: () => true,
    async validate(request) {
      const asked: { hook: Hook; resource: Resource }[] = [];
      for (const hook of hooks.of(configurations())) {
        const resource = await concerns(hook, request, context);
        if (resource !== undefined) asked.push({ hook, resource });
      }
      const outcomes = await Promise.allSettled(asked.map(({ hook, resource }, index) => ask(hook, placeOf(0, index), request, resource, context, false)));
      const refused = outcomes.find((outcome) => outcome.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
    },
  };
};
