/** A container's environment: services, `envFrom`, `env`, in this order, later ones winning. */
import type { ConfigMap, EnvVar, Pod, Secret, Service } from '../api/core/v1/types.ts';
import { isNotFound } from '../api/meta/status.ts';
import { ConfigMaps, Secrets } from '../api/resources.ts';
import { expand } from './expansion.ts';
import { fieldValue, resourceFieldValue, type PodFacts } from './fields.ts';
import { podNameOf, type AnyContainer } from './names.ts';
import type { ObjectCache } from './objects.ts';

/** The container cannot be made as it is specified; shown as CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContainerConfigError';
  }
}

export type Environment = Map<string, string>;

/** Printable ASCII but for the equals sign: what the API takes as a variable's name. */
const nameForm = /^[ -<>-~]+$/;
const upperName = (name: string): string => name.replaceAll('-', '_').toUpperCase();

/** The variables that tell of one service. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
function addService(into: Environment, service: Service): void {
  const ip = service.spec?.clusterIP;
  const ports = service.spec?.ports ?? [];
  if (!ip || ip === 'None' || ports.length === 0) return;
  const prefix = upperName(service.metadata.name ?? '');
  const host = ip.includes(':') ? `[${ip}]` : ip;
  into.set(`${prefix}_SERVICE_HOST`, ip);
  into.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
  for (const port of ports) if (port.name) into.set(`${prefix}_SERVICE_PORT_${upperName(port.name)}`, String(port.port));
  for (const [index, port] of ports.entries()) {
    const protocol = port.protocol ?? 'TCP';
    const url = `${protocol.toLowerCase()}://${host}:${port.port}`;
    const own = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
    if (index === 0) into.set(`${prefix}_PORT`, url);
    into.set(own, url);
    into.set(`${own}_PROTO`, protocol.toLowerCase());
    into.set(`${own}_PORT`, String(port.port));
    into.set(`${own}_ADDR`, ip);
  }
}

/** Services as variables: those of the pod's namespace where links are wanted, and always the API server's. */
export function serviceEnvironment(pod: Pod, services: readonly Service[]): Environment {
  const environment: Environment = new Map();
  const isMaster = (s: Service): boolean => s.metadata.namespace === 'default' && s.metadata.name === 'kubernetes';
  const master = services.find(isMaster);
  if (master) addService(environment, master);
  if (pod.spec?.enableServiceLinks !== false) {
    for (const service of services) if (service.metadata.namespace === pod.metadata.namespace) addService(environment, service);
  }
  return environment;
}

export interface EnvironmentInputs {
  facts: PodFacts;
  container: AnyContainer;
  services: readonly Service[];
  objects: ObjectCache;
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

class Builder {
  readonly #inputs: EnvironmentInputs;
  readonly #environment: Environment;

  constructor(inputs: EnvironmentInputs) {
    this.#inputs = inputs;
    this.#environment = serviceEnvironment(inputs.facts.pod, inputs.services);
  }

  get #namespace(): string {
    return this.#inputs.facts.pod.metadata.namespace!;
  }

  async #configMap(name: string, optional: boolean | undefined): Promise<ConfigMap | undefined> {
    try {
      return await this.#inputs.objects.get(ConfigMaps, this.#namespace, name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (optional) return undefined;
      throw new ContainerConfigError(error.message);
    }
  }

  async #secret(name: string, optional: boolean | undefined): Promise<Secret | undefined> {
    try {
      return await this.#inputs.objects.get(Secrets, this.#namespace, name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (optional) return undefined;
      throw new ContainerConfigError(error.message);
    }
  }

  async addFrom(): Promise<void> {
    for (const source of this.#inputs.container.envFrom ?? []) {
      const add = (key: string, value: string): void => {
        const name = `${source.prefix ?? ''}${key}`;
        if (nameForm.test(name)) this.#environment.set(name, value);
      };
      const { configMapRef, secretRef } = source;
      const configMap = configMapRef ? await this.#configMap(configMapRef.name ?? '', configMapRef.optional) : undefined;
      for (const [key, value] of Object.entries(configMap?.data ?? {})) add(key, value);
      const secret = secretRef ? await this.#secret(secretRef.name ?? '', secretRef.optional) : undefined;
      for (const [key, value] of Object.entries(secret?.data ?? {})) add(key, decode(value));
    }
  }

  async addOwn(): Promise<void> {
    for (const variable of this.#inputs.container.env ?? []) {
      const value = variable.valueFrom ? await this.#valueFrom(variable) : expand(variable.value ?? '', (name) => this.#environment.get(name));
      if (value !== undefined) this.#environment.set(variable.name, value);
    }
  }

  async #valueFrom({ name, valueFrom }: EnvVar): Promise<string | undefined> {
    const { facts, container } = this.#inputs;
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom!;
    if (fieldRef) {
      const value = fieldValue(fieldRef.fieldPath, facts);
      if (value === undefined) throw new ContainerConfigError(`environment variable "${name}": field "${fieldRef.fieldPath}" is not supported`);
      return value;
    }
    if (resourceFieldRef) {
      const { pod } = facts;
      const of = resourceFieldRef.containerName ? [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((c) => c.name === resourceFieldRef.containerName) : container;
      const value = of && resourceFieldValue(resourceFieldRef, of, facts);
      if (value === undefined) throw new ContainerConfigError(`environment variable "${name}": resource "${resourceFieldRef.resource}" is not supported`);
      return value;
    }
    if (configMapKeyRef) {
      const configMap = await this.#configMap(configMapKeyRef.name ?? '', configMapKeyRef.optional);
      const value = configMap?.data?.[configMapKeyRef.key];
      if (value === undefined && !configMapKeyRef.optional) throw new ContainerConfigError(`couldn't find key ${configMapKeyRef.key} in ConfigMap ${this.#namespace}/${configMapKeyRef.name}`);
      return value;
    }
    if (secretKeyRef) {
      const secret = await this.#secret(secretKeyRef.name ?? '', secretKeyRef.optional);
      const value = secret?.data?.[secretKeyRef.key];
      if (value === undefined && !secretKeyRef.optional) throw new ContainerConfigError(`couldn't find key ${secretKeyRef.key} in Secret ${this.#namespace}/${secretKeyRef.name}`);
      return value === undefined ? undefined : decode(value);
    }
    if (fileKeyRef) throw new ContainerConfigError(`environment variable "${name}": fileKeyRef is not supported by this kubelet (pod ${podNameOf(facts.pod)})`);
    return '';
  }

  result(): Environment {
    return this.#environment;
  }
}

/** Rejects with ContainerConfigError when something that is referred to is missing, and with the API's error when it cannot be asked. */
export async function buildEnvironment(inputs: EnvironmentInputs): Promise<Environment> {
  const builder = new Builder(inputs);
  await builder.addFrom();
  await builder.addOwn();
  return builder.result();
}
