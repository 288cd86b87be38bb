/** Which groups and versions other servers serve, as their APIServices say: an index that every request asks, and that is empty in most clusters. */
import type { APIService, APIServiceCondition } from '../../api/apiregistration/v1/types.ts';
import { APIServices } from '../../api/resources.ts';
import type { Follower } from '../authorization/follow.ts';
import { defaultServicePort } from '../service-resolver.ts';

/** A group and version that another server serves. */
export interface Registration {
  /** The APIService's name: `<version>.<group>`. */
  name: string;
  group: string;
  version: string;
  service: { namespace: string; name: string; port: number };
  /** PEM; what the server's certificate must chain up to. Undefined: what the machine trusts. */
  ca?: string;
  insecure: boolean;
  /** Whether its last check passed. */
  available: boolean;
}

export const availableCondition = (service: APIService): APIServiceCondition | undefined => service.status?.conditions?.find(({ type }) => type === 'Available');

/** Undefined for what this server serves itself. */
export function registrationOf(service: APIService): Registration | undefined {
  const { spec } = service;
  if (!spec?.service) return undefined;
  return {
    name: service.metadata.name ?? '', group: spec.group ?? '', version: spec.version ?? '',
    service: { namespace: spec.service.namespace ?? '', name: spec.service.name ?? '', port: spec.service.port ?? defaultServicePort },
    ...(spec.caBundle ? { ca: Buffer.from(spec.caBundle as unknown as string, 'base64').toString('utf8') } : {}),
    insecure: spec.insecureSkipTLSVerify === true,
    available: availableCondition(service)?.status === 'True',
  };
}

const placeOf = (group: string, version: string): string => `${group}/${version}`;

/** Hears of all APIServices; keeps those of other servers. */
export class Registrations {
  readonly #remote = new Map<string, Registration>();
  readonly #names = new Map<string, string>();
  readonly #listeners: ((name: string) => void)[] = [];

  /** Nobody but this server serves anything: nearly every cluster, nearly always. */
  get empty(): boolean {
    return this.#remote.size === 0;
  }

  /** The other server that serves a group and version. */
  at(group: string, version: string): Registration | undefined {
    return this.#remote.get(placeOf(group, version));
  }

  all(): Registration[] {
    return [...this.#remote.values()];
  }

  /** Calls back with the name of every APIService that has changed, local ones too. */
  onChange(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  #forget(name: string): void {
    const place = this.#names.get(name);
    if (place === undefined) return;
    this.#names.delete(name);
    this.#remote.delete(place);
  }

  #take(service: APIService): void {
    const name = service.metadata.name ?? '';
    this.#forget(name);
    const registration = registrationOf(service);
    if (registration) {
      const place = placeOf(registration.group, registration.version);
      this.#names.set(name, place);
      this.#remote.set(place, registration);
    }
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }

  /** What feeds the index. */
  follower(): Follower<APIService> {
    let known = new Set<string>();
    return {
      resource: APIServices,
      sink: {
        replace: (items) => {
          const names = new Set(items.map((item) => item.metadata.name ?? ''));
          const gone = [...known].filter((name) => !names.has(name));
          for (const name of gone) this.#forget(name);
          for (const item of items) this.#take(item);
          known = names;
          for (const name of [...gone, ...names]) this.#tell(name);
        },
        apply: ({ type, object }) => {
          if (type === 'BOOKMARK') return;
          const name = object.metadata.name ?? '';
          if (type === 'DELETED') {
            known.delete(name);
            this.#forget(name);
          } else {
            known.add(name);
            this.#take(object);
          }
          this.#tell(name);
        },
      },
    };
  }
}
