/**
 * Fills in what clients leave out, on whole objects: the rules of each group, the defaults that schemas declare themselves, and the rounding
 * of resource amounts to thousandths.
 */
import { admissionDefaulters } from './admissionregistration/v1/defaults.ts';
import { apiextensionsDefaulters } from './apiextensions/v1/defaults.ts';
import { appsDefaulters } from './apps/v1/defaults.ts';
import { autoscalingDefaulters } from './autoscaling/v2/defaults.ts';
import { batchDefaulters } from './batch/v1/defaults.ts';
import { coreDefaulters } from './core/v1/defaults.ts';
import { flowcontrolDefaulters } from './flowcontrol/v1/defaults.ts';
import type { DefaultingContext, Defaulters } from './meta/defaulting.ts';
import { unset } from './meta/defaulting.ts';
import { formatQuantity, roundUpQuantity } from './meta/quantity.ts';
import { networkingDefaulters } from './networking/v1/defaults.ts';
import { rbacDefaulters } from './rbac/v1/defaults.ts';
import { resourceDefaulters } from './resource/v1/defaults.ts';
import type { FieldSchema } from './schema.ts';
import { schemaOf } from './schema.ts';
import { storageDefaulters } from './storage/v1/defaults.ts';

/** Rules of groups that have but one or two. */
const SMALL_GROUPS: Defaulters = {
  'io.k8s.api.scheduling.v1.PriorityClass': (object: { preemptionPolicy?: string }) => {
    if (unset(object.preemptionPolicy)) object.preemptionPolicy = 'PreemptLowerPriority';
  },
  'io.k8s.api.discovery.v1.EndpointPort': (port: { name?: string; protocol?: string }) => {
    port.name ??= '';
    port.protocol ??= 'TCP';
  },
  'io.k8s.api.authentication.v1.TokenRequestSpec': (spec: { expirationSeconds?: number }) => {
    spec.expirationSeconds ??= 3600;
  },
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference': (service: { port?: number }) => {
    service.port ??= 443;
  },
};

const DEFAULTERS: Defaulters = {
  ...coreDefaulters, ...appsDefaulters, ...batchDefaulters, ...autoscalingDefaulters, ...admissionDefaulters, ...apiextensionsDefaulters,
  ...flowcontrolDefaulters, ...resourceDefaulters, ...storageDefaulters, ...rbacDefaulters, ...networkingDefaulters, ...SMALL_GROUPS,
};

const MILLI = -3;
/** Amounts of resources are rounded where core types hold them, and nowhere else. */
const ROUNDED_PACKAGE = 'io.k8s.api.core.v1.';
/** Its amounts are what a driver has reported, not a ResourceList. */
const NOT_ROUNDED = 'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus';
const isRounded = (name: string): boolean => name.startsWith(ROUNDED_PACKAGE) && name !== NOT_ROUNDED;

interface Plan {
  rule: ((object: never, context: DefaultingContext) => void) | undefined;
  declared: readonly FieldSchema[];
  amounts: readonly FieldSchema[];
  inner: readonly { field: FieldSchema; plan: Plan }[];
}

const plans = new Map<string, Plan>();

/** Whether anything at or below the type has a rule. `path` holds the types above, for schemas that contain themselves. */
function concerns(name: string, path: ReadonlySet<string>, known: Map<string, boolean>): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (path.has(name)) return false;
  const below = new Set(path).add(name);
  const answer =
    DEFAULTERS[name] !== undefined ||
    schemaOf(name).fields.some((field) =>
      field.default !== undefined || (field.type === 'quantity' && field.shape === 'map' && isRounded(name)) ||
      (field.type === 'object' && concerns(field.ref!, below, known)));
  known.set(name, answer);
  return answer;
}

const concerned = new Map<string, boolean>();

function planOf(name: string): Plan {
  const before = plans.get(name);
  if (before !== undefined) return before;
  const { fields } = schemaOf(name);
  const inner: { field: FieldSchema; plan: Plan }[] = [];
  const plan: Plan = {
    rule: DEFAULTERS[name] as Plan['rule'],
    declared: fields.filter((field) => field.default !== undefined),
    amounts: isRounded(name) ? fields.filter((field) => field.type === 'quantity' && field.shape === 'map') : [],
    inner,
  };
  plans.set(name, plan);
  for (const field of fields) {
    if (field.type === 'object' && concerns(field.ref!, new Set(), concerned)) inner.push({ field, plan: planOf(field.ref!) });
  }
  return plan;
}

/** An empty value that a struct without a pointer would not keep apart from an absent one. */
function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function roundAmounts(amounts: Record<string, string>): void {
  for (const [name, amount] of Object.entries(amounts)) amounts[name] = formatQuantity(roundUpQuantity(amount, MILLI));
}

function run(plan: Plan, object: Record<string, unknown>, context: DefaultingContext): void {
  plan.rule?.(object as never, context);
  for (const field of plan.declared) {
    const value = object[field.name];
    const missing = value === undefined || value === null || (!field.pointer && isZero(value));
    if (missing && (field.pointer || !isZero(field.default))) object[field.name] = field.default;
  }
  for (const field of plan.amounts) {
    const amounts = object[field.name];
    if (amounts !== undefined && amounts !== null) roundAmounts(amounts as Record<string, string>);
  }
  for (const { field, plan: below } of plan.inner) {
    if (field.shape === 'one' && !field.pointer) object[field.name] ??= {};
    const value = object[field.name];
    if (value === undefined || value === null) continue;
    if (field.shape === 'one') run(below, value as Record<string, unknown>, context);
    else for (const item of Object.values(value as object)) if (item !== null && typeof item === 'object') run(below, item as Record<string, unknown>, context);
  }
}

/**
 * Fills in an object of the schema, in place. Defaulting twice changes nothing more.
 * @param context.nowMs the time, for the one rule that needs it (a device taint's `timeAdded`).
 */
export function applyDefaults(schemaName: string, object: object, context: DefaultingContext = {}): void {
  run(planOf(schemaName), object as Record<string, unknown>, context);
}

/** Where rules run in objects of a schema: `[path, type]`, `=value` for declared ones, `ResourceList` for amounts that are rounded. */
export function defaultersOf(schemaName: string): [path: string, name: string][] {
  const found: [string, string][] = [];
  const visit = (name: string, plan: Plan, path: string, above: ReadonlySet<string>): void => {
    if (above.has(name)) return;
    const at = (field: FieldSchema): string => `${path === '' ? '' : `${path}.`}${field.name}`;
    if (plan.rule !== undefined) found.push([path, name.slice(name.lastIndexOf('.') + 1)]);
    for (const field of plan.declared) found.push([at(field), `=${JSON.stringify(field.default)}`]);
    for (const field of plan.amounts) found.push([at(field), 'ResourceList']);
    for (const { field, plan: below } of plan.inner) visit(field.ref!, below, `${at(field)}${field.shape === 'one' ? '' : '[]'}`, new Set(above).add(name));
  };
  visit(schemaName, planOf(schemaName), '', new Set());
  return found;
}
