/** Controllers of kinds that are off by default: they ask the server once whether it serves the kind, and rest where it does not. */
import { isNotFound } from '../../api/meta/status.ts';
import { loadResourcesOffByDefault } from '../../api/off-by-default.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Client, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';

/** How often a server that cannot be asked yet is asked again. */
const askAgainMs = 10_000;

type Sought = Pick<Resource, 'group' | 'version' | 'plural'>;

/** The kind, where it is served; undefined where it is not. */
async function served<T extends KubeObject>(client: Client, { group, version, plural }: Sought): Promise<Resource<T> | undefined> {
  try {
    const { resources } = await client.request<{ resources: { name: string }[] }>({ method: 'GET', path: `/apis/${group}/${version}` });
    if (!resources.some((one) => one.name === plural)) return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  const { resources } = await loadResourcesOffByDefault();
  return resources.find((one) => one.group === group && one.version === version && one.plural === plural) as Resource<T> | undefined;
}

class WhereServed<T extends KubeObject> implements Running {
  readonly #stop = new AbortController();
  readonly #begun: Promise<void>;
  #running: Running | undefined;

  constructor(context: ControllerContext, sought: Sought, start: (resource: Resource<T>) => Running) {
    this.#begun = this.#begin(context, sought, start);
  }

  async #begin({ host, client }: ControllerContext, sought: Sought, start: (resource: Resource<T>) => Running): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const resource = await served<T>(client, sought);
        if (resource !== undefined && !this.#stop.signal.aborted) this.#running = start(resource);
        return;
      } catch (error) {
        host.log.debug('it is not known whether a kind is served', { resource: `${sought.plural}.${sought.group}`, error: String(error) });
      }
      await host.clock.sleep(askAgainMs, this.#stop.signal);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#begun;
    await this.#running?.stop();
  }
}

/** Starts a controller when it is known that its kind is served. */
export function startWhereServed<T extends KubeObject>(context: ControllerContext, sought: Sought, start: (resource: Resource<T>) => Running): Running {
  return new WhereServed(context, sought, start);
}
