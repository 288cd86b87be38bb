/** Reads a configuration file: unknown fields are errors, defaults are filled in, and what breaks a rule is named with its path. */
import { parseDuration } from '../../api/meta/time.ts';
import type { FieldError } from '../../api/meta/field.ts';
import { FieldPath, duplicate, invalidValue, required } from '../../api/meta/field.ts';
import { readYaml } from '../../api/yaml.ts';
import { readArgs } from './plugin-args.ts';
import { CONFIG_API_VERSION, CONFIG_KIND, ConfigurationError, EXTENSION_POINTS } from './types.ts';
import type { ExtenderConfig, PluginSet, ProfileConfig, SchedulerConfiguration } from './types.ts';

/** What holds when nothing is said. */
export function defaultConfiguration(): SchedulerConfiguration {
  return {
    apiVersion: CONFIG_API_VERSION, kind: CONFIG_KIND,
    parallelism: 16,
    leaderElection: { leaderElect: true, leaseDuration: '15s', renewDeadline: '10s', retryPeriod: '2s', resourceLock: 'leases', resourceName: 'kube-scheduler', resourceNamespace: 'kube-system' },
    clientConnection: { kubeconfig: '', acceptContentTypes: '', contentType: 'application/vnd.kubernetes.protobuf', qps: 50, burst: 100 },
    enableProfiling: true, enableContentionProfiling: true,
    percentageOfNodesToScore: 0, podInitialBackoffSeconds: 1, podMaxBackoffSeconds: 10,
    profiles: [{ schedulerName: 'default-scheduler' }],
    delayCacheUntilActive: false,
  };
}

/** A shape: `*` any value, an object its fields, a list with one shape for each item. */
type Known = '*' | { readonly [field: string]: Known } | readonly [Known];

const ref: Known = { name: '*', weight: '*' };
const set: Known = { enabled: [ref], disabled: [ref] };
const KNOWN: Known = {
  apiVersion: '*', kind: '*', parallelism: '*', enableProfiling: '*', enableContentionProfiling: '*', percentageOfNodesToScore: '*',
  podInitialBackoffSeconds: '*', podMaxBackoffSeconds: '*', delayCacheUntilActive: '*',
  leaderElection: { leaderElect: '*', leaseDuration: '*', renewDeadline: '*', retryPeriod: '*', resourceLock: '*', resourceName: '*', resourceNamespace: '*' },
  clientConnection: { kubeconfig: '*', acceptContentTypes: '*', contentType: '*', qps: '*', burst: '*' },
  profiles: [{
    schedulerName: '*', percentageOfNodesToScore: '*',
    plugins: Object.fromEntries(['multiPoint', ...EXTENSION_POINTS].map((point) => [point, set])),
    pluginConfig: [{ name: '*', args: '*' }],
  }],
  extenders: [{
    urlPrefix: '*', filterVerb: '*', preemptVerb: '*', prioritizeVerb: '*', weight: '*', bindVerb: '*', enableHTTPS: '*', httpTimeout: '*', nodeCacheCapable: '*', ignorable: '*',
    tlsConfig: { insecure: '*', serverName: '*', certFile: '*', keyFile: '*', caFile: '*', certData: '*', keyData: '*', caData: '*' },
    managedResources: [{ name: '*', ignoredByScheduler: '*' }],
  }],
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that the shape does not know, as strict decoding names them. */
function unknownFields(value: unknown, known: Known, path: string): string[] {
  if (known === '*' || value === null || value === undefined) return [];
  if (Array.isArray(known)) return Array.isArray(value) ? value.flatMap((item, i) => unknownFields(item, (known as readonly [Known])[0], `${path}[${i}]`)) : [`${path}: must be a list`];
  if (!isObject(value)) return [`${path === '' ? 'the configuration' : path}: must be an object`];
  const fields = known as { readonly [field: string]: Known };
  return Object.entries(value).flatMap(([name, item]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return Object.hasOwn(fields, name) ? unknownFields(item, fields[name]!, at) : [`unknown field ${JSON.stringify(at)}`];
  });
}

function numberErrors(config: SchedulerConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const at = (name: string): FieldPath => new FieldPath(name);
  if (!(config.parallelism > 0)) errors.push(invalidValue(at('parallelism'), config.parallelism, 'should be an integer value greater than zero'));
  if (!(config.percentageOfNodesToScore >= 0 && config.percentageOfNodesToScore <= 100)) errors.push(invalidValue(at('percentageOfNodesToScore'), config.percentageOfNodesToScore, 'not in valid range [0-100]'));
  if (!(config.podInitialBackoffSeconds > 0)) errors.push(invalidValue(at('podInitialBackoffSeconds'), config.podInitialBackoffSeconds, 'must be greater than 0'));
  if (!(config.podMaxBackoffSeconds >= config.podInitialBackoffSeconds)) errors.push(invalidValue(at('podMaxBackoffSeconds'), config.podMaxBackoffSeconds, 'must be greater than or equal to PodInitialBackoffSeconds'));
  for (const name of ['leaseDuration', 'renewDeadline', 'retryPeriod'] as const) {
    try {
      parseDuration(config.leaderElection[name]);
    } catch (error) {
      errors.push(invalidValue(at(`leaderElection.${name}`), config.leaderElection[name], (error as Error).message));
    }
  }
  return errors;
}

function profileErrors(profile: ProfileConfig, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!profile.schedulerName) errors.push(required(path.child('schedulerName')));
  const percent = profile.percentageOfNodesToScore;
  if (percent !== undefined && !(percent >= 0 && percent <= 100)) errors.push(invalidValue(path.child('percentageOfNodesToScore'), percent, 'not in valid range [0-100]'));
  const seen = new Set<string>();
  for (const [i, { name, args }] of (profile.pluginConfig ?? []).entries()) {
    const at = path.child('pluginConfig').index(i);
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    errors.push(...readArgs(name, args, at.child('args')).errors);
  }
  return errors;
}

const sorters = (set: PluginSet | undefined): string => JSON.stringify([set?.enabled ?? [], set?.disabled ?? []]);

function profilesErrors(profiles: readonly ProfileConfig[]): FieldError[] {
  const path = new FieldPath('profiles');
  if (profiles.length === 0) return [required(path)];
  const seen = new Set<string>();
  return profiles.flatMap((profile, i) => {
    const at = path.index(i);
    const errors = profileErrors(profile, at);
    if (seen.has(profile.schedulerName)) errors.push(duplicate(at.child('schedulerName'), profile.schedulerName));
    seen.add(profile.schedulerName);
    const [first, own] = [profiles[0]!.plugins?.queueSort, profile.plugins?.queueSort];
    if (sorters(first) !== sorters(own)) errors.push(invalidValue(at.child('plugins', 'queueSort'), own ?? null, 'queueSort must be the same for all profiles'));
    return errors;
  });
}

function extenderErrors(extenders: readonly ExtenderConfig[]): FieldError[] {
  const path = new FieldPath('extenders');
  const managed = new Set<string>();
  const errors = extenders.flatMap((extender, i) => {
    const at = path.index(i);
    const found: FieldError[] = [];
    if (!extender.urlPrefix) found.push(required(at.child('urlPrefix')));
    if (extender.prioritizeVerb && !((extender.weight ?? 0) > 0)) found.push(invalidValue(at.child('weight'), extender.weight ?? 0, 'must have a positive weight applied to it'));
    if (extender.httpTimeout !== undefined) {
      try {
        parseDuration(extender.httpTimeout);
      } catch (error) {
        found.push(invalidValue(at.child('httpTimeout'), extender.httpTimeout, (error as Error).message));
      }
    }
    for (const [n, { name }] of (extender.managedResources ?? []).entries()) {
      const where = at.child('managedResources').index(n).child('name');
      if (!name?.includes('/')) found.push(invalidValue(where, name, 'is an invalid extended resource name'));
      if (managed.has(name)) found.push(invalidValue(where, name, 'duplicate extender managed resource name'));
      managed.add(name);
    }
    return found;
  });
  const binders = extenders.filter((extender) => extender.bindVerb).length;
  if (binders > 1) errors.push(invalidValue(path, `found ${binders} extenders implementing bind`, 'only one extender can implement bind'));
  return errors;
}

/** All that is wrong, worded as the API words such things. */
export function validateConfiguration(config: SchedulerConfiguration): FieldError[] {
  return [...numberErrors(config), ...profilesErrors(config.profiles), ...extenderErrors(config.extenders ?? [])];
}

/** A configuration from YAML or JSON. Throws ConfigurationError with every fault. */
export function parseConfiguration(text: string): SchedulerConfiguration {
  const { value: given, duplicates } = readYaml(text);
  if (!isObject(given)) throw new ConfigurationError('the configuration must be one object');
  if (given['apiVersion'] !== CONFIG_API_VERSION || given['kind'] !== CONFIG_KIND) {
    throw new ConfigurationError(`no kind ${JSON.stringify(given['kind'] ?? '')} is registered for version ${JSON.stringify(given['apiVersion'] ?? '')}: must be ${CONFIG_KIND} of ${CONFIG_API_VERSION}`);
  }
  const unknown = unknownFields(given, KNOWN, '').concat(duplicates.map((key) => `duplicate field ${JSON.stringify(key)}`));
  if (unknown.length > 0) throw new ConfigurationError(`strict decoding error: ${unknown.join(', ')}`);
  const defaults = defaultConfiguration();
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Partial<SchedulerConfiguration>;
  const config: SchedulerConfiguration = {
    ...defaults, ...stated,
    leaderElection: { ...defaults.leaderElection, ...stated.leaderElection },
    clientConnection: { ...defaults.clientConnection, ...stated.clientConnection },
  };
  if (!stated.profiles?.length) config.profiles = defaults.profiles;
  else if (stated.profiles.length === 1 && !stated.profiles[0]!.schedulerName) config.profiles = [{ ...stated.profiles[0]!, schedulerName: 'default-scheduler' }];
  const errors = validateConfiguration(config);
  if (errors.length === 1) throw new ConfigurationError(`${errors[0]!.field}: ${errors[0]!.detail}`);
  if (errors.length > 1) throw new ConfigurationError(`[${errors.map(({ field, detail }) => `${field}: ${detail}`).join(', ')}]`);
  return config;
}
