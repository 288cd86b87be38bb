/** Arguments of the default plug-ins: what holds when nothing is said, and what may not be said. Texts as upstream's. */
import type { FieldError } from '../../api/meta/field.ts';
import { FieldPath, duplicate, forbiddenField, invalidValue, notSupported, required, typeInvalid } from '../../api/meta/field.ts';

export type Args = Record<string, unknown>;

interface ArgsKind {
  /** Field names with their JSON types. */
  fields: Readonly<Record<string, 'number' | 'boolean' | 'string' | 'object' | 'array'>>;
  defaults: Args;
  validate(args: Args, path: FieldPath): FieldError[];
}

type Shape = { utilization: number; score: number }[];
type Resources = { name: string; weight?: number }[];

const within = (path: FieldPath, value: unknown, min: number, max: number, text: string): FieldError[] =>
  (typeof value === 'number' && value >= min && value <= max ? [] : [invalidValue(path, value, text)]);

function validateShape(shape: Shape | undefined, path: FieldPath): FieldError[] {
  if (!shape?.length) return [required(path, 'at least one point must be specified')];
  const errors: FieldError[] = [];
  for (const [i, point] of shape.entries()) {
    const at = path.index(i);
    errors.push(...within(at.child('utilization'), point.utilization, 0, 100, 'not in valid range [0-100]'));
    errors.push(...within(at.child('score'), point.score, 0, 10, 'not in valid range [0-10]'));
    if (i > 0 && point.utilization <= shape[i - 1]!.utilization) errors.push(invalidValue(at.child('utilization'), point.utilization, 'utilization values must be sorted in increasing order'));
  }
  return errors;
}

function validateResources(resources: Resources | undefined, path: FieldPath, onlyWeightOne: boolean): FieldError[] {
  const seen = new Set<string>();
  return (resources ?? []).flatMap((resource, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    const weight = resource.weight ?? 1;
    if (!resource.name) errors.push(required(at.child('name')));
    if (onlyWeightOne ? weight !== 1 : weight < 1 || weight > 100) errors.push(invalidValue(at.child('weight'), weight, onlyWeightOne ? 'must be 1' : `resource weight of ${resource.name} not in valid range [1-100]`));
    if (seen.has(resource.name)) errors.push(duplicate(at.child('name'), resource.name));
    seen.add(resource.name);
    return errors;
  });
}

function validateFit(args: Args, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, group] of ((args['ignoredResourceGroups'] as string[] | undefined) ?? []).entries()) {
    if (group.includes('/')) errors.push(invalidValue(path.child('ignoredResourceGroups').index(i), group, "resource group name can't contain '/'"));
  }
  const strategy = args['scoringStrategy'] as { type?: string; resources?: Resources; requestedToCapacityRatio?: { shape?: Shape } };
  const at = path.child('scoringStrategy');
  const types = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];
  if (!types.includes(strategy.type ?? '')) errors.push(notSupported(at.child('type'), strategy.type, types));
  errors.push(...validateResources(strategy.resources, at.child('resources'), false));
  if (strategy.type === 'RequestedToCapacityRatio') errors.push(...validateShape(strategy.requestedToCapacityRatio?.shape, at.child('requestedToCapacityRatio', 'shape')));
  return errors;
}

function validateSpread(args: Args, path: FieldPath): FieldError[] {
  const constraints = (args['defaultConstraints'] as Record<string, unknown>[] | undefined) ?? [];
  const type = args['defaultingType'] as string;
  if (type !== 'System' && type !== 'List') return [notSupported(path.child('defaultingType'), type, ['System', 'List'])];
  if (type === 'System' && constraints.length > 0) return [invalidValue(path.child('defaultingType'), type, 'when .defaultConstraints are not empty')];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, constraint] of constraints.entries()) {
    const at = path.child('defaultConstraints').index(i);
    const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
    if (typeof maxSkew !== 'number' || maxSkew <= 0) errors.push(invalidValue(at.child('maxSkew'), maxSkew ?? 0, 'not in valid range (0, inf)'));
    if (!topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    if (!whenUnsatisfiable) errors.push(required(at.child('whenUnsatisfiable'), 'can not be empty'));
    else if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') errors.push(notSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    if (labelSelector !== undefined) errors.push(forbiddenField(at.child('labelSelector'), 'constraint must not define a selector, as they deduced for each pod'));
    const pair = `${String(topologyKey)}/${String(whenUnsatisfiable)}`;
    if (seen.has(pair)) errors.push(duplicate(at, `{${String(topologyKey)}, ${String(whenUnsatisfiable)}}`));
    seen.add(pair);
  }
  return errors;
}

function validatePreemption(args: Args, path: FieldPath): FieldError[] {
  const [percent, absolute] = [args['minCandidateNodesPercentage'] as number, args['minCandidateNodesAbsolute'] as number];
  const [percentPath, absolutePath] = [path.child('minCandidateNodesPercentage'), path.child('minCandidateNodesAbsolute')];
  const errors = [...within(percentPath, percent, 0, 100, 'not in valid range [0, 100]'), ...within(absolutePath, absolute, 0, Infinity, 'not in valid range [0, inf)')];
  if (percent === 0 && absolute === 0) {
    errors.push(invalidValue(percentPath, percent, 'cannot be zero at the same time as minCandidateNodesAbsolute'), invalidValue(absolutePath, absolute, 'cannot be zero at the same time as minCandidateNodesPercentage'));
  }
  return errors;
}

const cpuAndMemory = [{ name: 'cpu', weight: 1 }, { name: 'memory', weight: 1 }];

const KINDS: Readonly<Record<string, ArgsKind>> = {
  DefaultPreemption: {
    fields: { minCandidateNodesPercentage: 'number', minCandidateNodesAbsolute: 'number' },
    defaults: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
    validate: validatePreemption,
  },
  InterPodAffinity: {
    fields: { hardPodAffinityWeight: 'number', ignorePreferredTermsOfExistingPods: 'boolean' },
    defaults: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
    validate: (args, path) => within(path.child('hardPodAffinityWeight'), args['hardPodAffinityWeight'], 0, 100, 'not in valid range [0-100]'),
  },
  NodeAffinity: { fields: { addedAffinity: 'object' }, defaults: {}, validate: () => [] },
  NodeResourcesBalancedAllocation: {
    fields: { resources: 'array' },
    defaults: { resources: cpuAndMemory },
    validate: (args, path) => validateResources(args['resources'] as Resources, path.child('resources'), true),
  },
  NodeResourcesFit: {
    fields: { ignoredResources: 'array', ignoredResourceGroups: 'array', scoringStrategy: 'object' },
    defaults: { scoringStrategy: { type: 'LeastAllocated', resources: cpuAndMemory } },
    validate: validateFit,
  },
  PodTopologySpread: { fields: { defaultConstraints: 'array', defaultingType: 'string' }, defaults: { defaultingType: 'System' }, validate: validateSpread },
  VolumeBinding: {
    fields: { bindTimeoutSeconds: 'number' },
    defaults: { bindTimeoutSeconds: 600 },
    validate: (args, path) => within(path.child('bindTimeoutSeconds'), args['bindTimeoutSeconds'], 0, Infinity, 'invalid BindTimeoutSeconds, should not be a negative value'),
  },
  DynamicResources: { fields: { filterTimeout: 'string', bindingTimeout: 'string' }, defaults: { filterTimeout: '10s', bindingTimeout: '600s' }, validate: () => [] },
};

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** The arguments with defaults filled in, and what is wrong with them. Those of a plug-in from outside are its own business. */
export function readArgs(plugin: string, given: Args | undefined, path: FieldPath): { args: Args; errors: FieldError[] } {
  const kind = KINDS[plugin];
  if (!kind) return { args: { ...given }, errors: [] };
  const { apiVersion: _version, kind: argsKind, ...rest } = given ?? {};
  const errors: FieldError[] = [];
  if (argsKind !== undefined && argsKind !== `${plugin}Args`) errors.push(invalidValue(path.child('kind'), argsKind, `must be ${plugin}Args`));
  for (const [name, value] of Object.entries(rest)) {
    const wanted = kind.fields[name];
    if (wanted === undefined) errors.push(invalidValue(path, name, `unknown field ${JSON.stringify(name)}`));
    else if (value !== null && typeOf(value) !== wanted) errors.push(typeInvalid(path.child(name), value, `must be of type ${wanted}`));
  }
  const args: Args = { ...kind.defaults, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined)) };
  if (plugin === 'NodeResourcesFit' && errors.length === 0) args['scoringStrategy'] = fillStrategy(args['scoringStrategy'] as Args);
  return { args, errors: errors.length > 0 ? errors : kind.validate(args, path) };
}

function fillStrategy(strategy: Args): Args {
  const resources = (strategy['resources'] as Resources | undefined) ?? [];
  return { ...strategy, type: strategy['type'] ?? 'LeastAllocated', resources: (resources.length > 0 ? resources : cpuAndMemory).map((each) => ({ ...each, weight: each.weight || 1 })) };
}

/** Plug-ins that take arguments, in the order in which a configuration shows them. */
export const PLUGINS_WITH_ARGS: readonly string[] = Object.keys(KINDS);
