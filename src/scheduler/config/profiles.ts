/** From a profile's `plugins` to ordered lists of plug-ins, one a point of the framework, by the rules of KubeSchedulerConfiguration v1. */
import { FieldPath } from '../../api/meta/field.ts';
import type { Plugin, PluginFactory, PluginHandle } from '../framework.ts';
import { DEFAULT_ORDER, PLUGIN_FACTORIES } from '../plugins/index.ts';
import { assembleProfile } from '../profile.ts';
import type { PointPlugin, Profile } from '../profile.ts';
import { readArgs } from './plugin-args.ts';
import { ConfigurationError, EXTENSION_POINTS } from './types.ts';
import type { ExtensionPoint, PluginRef, PluginSet, ProfileConfig } from './types.ts';

/** The methods by which a plug-in shows that it serves a point; `preScore` and `score` come together. */
const serves = (plugin: Plugin, point: ExtensionPoint): boolean => (point === 'reserve' ? plugin.reserve !== undefined || plugin.unreserve !== undefined : plugin[point] !== undefined);

const names = (refs: readonly PluginRef[] | undefined): Set<string> => new Set((refs ?? []).map((ref) => ref.name));

/** The default plug-ins with what a profile changes: named ones keep their place, further ones come last, disabled ones go. */
function mergeMultiPoint(custom: PluginSet | undefined): PluginRef[] {
  const disabled = names(custom?.disabled);
  const stated = new Map((custom?.enabled ?? []).map((ref) => [ref.name, ref]));
  const merged: PluginRef[] = [];
  const placed = new Set<string>();
  for (const ref of DEFAULT_ORDER) {
    if (disabled.has('*') || disabled.has(ref.name)) continue;
    merged.push(stated.get(ref.name) ?? ref);
    placed.add(ref.name);
  }
  for (const ref of custom?.enabled ?? []) {
    if (placed.has(ref.name)) continue;
    merged.push(ref);
    placed.add(ref.name);
  }
  return merged;
}

/** At one point: plug-ins named there that multiPoint has too, then the rest of multiPoint, then the others named there. */
function listAt(point: ExtensionPoint, everywhere: readonly PluginRef[], set: PluginSet | undefined, plugins: ReadonlyMap<string, Plugin>): PluginRef[] {
  const disabled = names(set?.disabled);
  const own = set?.enabled ?? [];
  const shared = new Set(everywhere.filter(({ name }) => serves(plugins.get(name)!, point)).map(({ name }) => name));
  const named = names(own);
  const rest = disabled.has('*') ? [] : everywhere.filter(({ name }) => shared.has(name) && !named.has(name) && !disabled.has(name));
  return [...own.filter(({ name }) => shared.has(name)), ...rest, ...own.filter(({ name }) => !shared.has(name))];
}

export interface ProfileOptions {
  /** Plug-ins from outside, by name. They must not take a default plug-in's name. */
  factories?: ReadonlyMap<string, PluginFactory>;
  handle: PluginHandle;
  /** Arguments that hold where the profile says nothing (resources that extenders look after). */
  extraArgs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Makes the plug-ins of a profile. Throws ConfigurationError for a plug-in that does not exist or does not serve a point it is named at. */
export function buildProfile(config: ProfileConfig, options: ProfileOptions): Profile {
  const everywhere = mergeMultiPoint(config.plugins?.multiPoint);
  const mentioned = new Set(everywhere.map(({ name }) => name));
  for (const point of EXTENSION_POINTS) for (const { name } of config.plugins?.[point]?.enabled ?? []) mentioned.add(name);
  const plugins = new Map<string, Plugin>();
  for (const name of mentioned) {
    const factory = PLUGIN_FACTORIES[name] ?? options.factories?.get(name);
    if (!factory) throw new ConfigurationError(`profile ${JSON.stringify(config.schedulerName)}: plugin ${JSON.stringify(name)} does not exist`);
    const given = config.pluginConfig?.find((each) => each.name === name)?.args;
    const { args, errors } = readArgs(name, given, new FieldPath('pluginConfig').child(name));
    if (errors.length > 0) throw new ConfigurationError(errors.map(({ field, detail }) => `${field}: ${detail}`).join(', '));
    plugins.set(name, factory({ ...args, ...mergedArgs(args, options.extraArgs?.[name]) }, options.handle));
  }
  const points = {} as Record<ExtensionPoint, PointPlugin[]>;
  for (const point of EXTENSION_POINTS) {
    points[point] = listAt(point, everywhere, config.plugins?.[point], plugins).map(({ name, weight }) => {
      const plugin = plugins.get(name)!;
      if (!serves(plugin, point)) throw new ConfigurationError(`plugin ${JSON.stringify(name)} does not extend ${point[0]!.toUpperCase()}${point.slice(1)} plugin`);
      return { plugin, weight: weight || (everywhere.find((each) => each.name === name)?.weight ?? 1) };
    });
  }
  return assembleProfile(config.schedulerName, points, [...plugins.values()], config.percentageOfNodesToScore);
}

/** Lists of both are joined. */
function mergedArgs(args: Readonly<Record<string, unknown>>, extra: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extra ?? {}).map(([key, value]) => [key, Array.isArray(value) && Array.isArray(args[key]) ? [...(args[key] as unknown[]), ...(value as unknown[])] : value]));
}
