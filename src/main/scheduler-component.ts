/** The scheduler as a program of its own: its configuration file, plug-ins from outside, and what it tells about itself. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../cli/operations.ts';
import { createInformers, createRecorder, type Client, type Running } from '../client/index.ts';
import type { Host, Listener } from '../host/types.ts';
import { defaultConfiguration, parseConfiguration } from '../scheduler/config/load.ts';
import { PLUGINS_WITH_ARGS, readArgs } from '../scheduler/config/plugin-args.ts';
import { FieldPath } from '../api/meta/field.ts';
import { extenderSettings } from '../scheduler/extenders/settings.ts';
import type { ExtenderSettings } from '../scheduler/extenders/extender.ts';
import { SchedulerMetrics, startScheduler } from '../scheduler/index.ts';
import type { PluginFactory, SchedulerConfiguration } from '../scheduler/index.ts';
import { tellBuild } from '../base/component-metrics.ts';
import { serveComponent } from './component-server.ts';
import { buildInfo } from './package.ts';
import { listFlag, type Flags } from './flags.ts';

export { defaultConfiguration };

const DEFAULT_PORT = 10259;

export interface SchedulerSetup {
  configuration: SchedulerConfiguration;
  plugins: ReadonlyMap<string, PluginFactory>;
  extenders: readonly ExtenderSettings[];
}

/** What a module offers: an object of factories by plug-in name, as `plugins` or as the default export. */
async function pluginsOf(path: string): Promise<[string, PluginFactory][]> {
  const module = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw new UserError(`--plugin-module: "${path}" cannot be loaded: ${(error as Error).message}`);
  })) as { plugins?: unknown; default?: unknown };
  const offered = module.plugins ?? module.default;
  const entries = typeof offered === 'object' && offered !== null ? Object.entries(offered) : [];
  if (entries.length === 0 || entries.some(([, factory]) => typeof factory !== 'function')) {
    throw new UserError(`--plugin-module: "${path}" must export "plugins": an object of functions by plug-in name`);
  }
  return entries as [string, PluginFactory][];
}

/** Everything that --config and --plugin-module name, read and checked. `flag`: what the configuration's flag is called. */
export async function readSchedulerSetup(host: Host, flags: Flags, flag = '--config'): Promise<SchedulerSetup> {
  const path = flags['config'];
  let configuration = defaultConfiguration();
  const read = (file: string, what = flag): Promise<string> => host.disk.readText(file).catch((error: unknown) => {
    throw new UserError(`${what}: "${file}" cannot be read: ${(error as Error).message}`);
  });
  if (path !== undefined) {
    const text = await read(path);
    try {
      configuration = parseConfiguration(text);
    } catch (error) {
      throw new UserError(`${flag}: "${path}": ${(error as Error).message}`);
    }
  }
  const plugins = new Map((await Promise.all((listFlag(flags, 'plugin-module') ?? []).map(pluginsOf))).flat());
  const extenders = await Promise.all((configuration.extenders ?? []).map((extender) => extenderSettings(extender, (file) => read(file, `${flag}: extender file`))));
  return { configuration, plugins, extenders };
}

/** The configuration in force, as `/configz` shows it: defaults filled in, no keys. */
export function shownConfiguration(configuration: SchedulerConfiguration): object {
  const profiles = configuration.profiles.map((profile) => ({
    ...profile,
    pluginConfig: [
      ...PLUGINS_WITH_ARGS.map((name) => ({ name, args: { kind: `${name}Args`, apiVersion: configuration.apiVersion, ...readArgs(name, profile.pluginConfig?.find((each) => each.name === name)?.args, new FieldPath()).args } })),
      ...(profile.pluginConfig ?? []).filter(({ name }) => !PLUGINS_WITH_ARGS.includes(name)),
    ],
  }));
  const extenders = configuration.extenders?.map(({ tlsConfig, ...rest }) => (tlsConfig ? { ...rest, tlsConfig: { ...tlsConfig, ...(tlsConfig.keyData ? { keyData: '<redacted>' } : {}) } } : rest));
  return { 'kubescheduler.config.k8s.io': { ...configuration, profiles, ...(extenders ? { extenders } : {}) } };
}

/** Health for everybody, metrics and configuration for whom the API server allows them; undefined when the default port is taken. */
export async function serveScheduler(host: Host, client: Client, flags: Flags, setup: Pick<SchedulerSetup, 'configuration'>, metrics: SchedulerMetrics): Promise<Listener | undefined> {
  const text = 'text/plain; version=0.0.4; charset=utf-8';
  tellBuild(metrics.registry, buildInfo(host));
  return serveComponent(host, client, flags, DEFAULT_PORT, {
    name: 'kube-scheduler',
    pages: {
      '/metrics': { type: text, text: () => metrics.text() },
      '/metrics/resources': { type: text, text: () => metrics.resourcesText() },
      '/configz': { type: 'application/json', text: () => JSON.stringify(shownConfiguration(setup.configuration)) },
    },
  });
}

/** Serves health and metrics at once, and schedules while `lead` says so. */
export async function startSchedulerComponent(host: Host, client: Client, flags: Flags, setup: SchedulerSetup, lead: (start: () => Promise<Running>) => Running): Promise<Running> {
  const metrics = new SchedulerMetrics();
  const listener = await serveScheduler(host, client, flags, setup, metrics);
  const leading = lead(async () => {
    const informers = createInformers(host, client);
    const recorder = createRecorder(host, client, 'default-scheduler');
    const scheduler = startScheduler({ host, client, informers, recorder, settings: { ...setup, metrics } });
    informers.start();
    return {
      async stop() {
        await scheduler.stop();
        await informers.stop();
        await recorder.stop();
      },
    };
  });
  return {
    async stop() {
      await leading.stop();
      await listener?.close(0);
    },
  };
}
