/** The OpenAPI documents with custom resources in them: made when asked for, and kept until a definition of the same group version changes. */
import type { DescribedVersion, Part2 } from '../../api/openapi/index.ts';
import type { OpenApiDocuments } from '../endpoints/openapi.ts';
import type { Definitions } from './definitions.ts';
import { resourceOf } from './kind.ts';

interface Kept<Value> {
  fingerprint: string;
  value: Value;
}

const nameOf = (group: string, version: string): string => `apis/${group}/${version}`;

function parseName(name: string): { group: string; version: string } | undefined {
  const [root, group, version, ...more] = name.split('/');
  return root === 'apis' && group !== undefined && version !== undefined && more.length === 0 ? { group, version } : undefined;
}

class CustomDocuments implements OpenApiDocuments {
  readonly #own: OpenApiDocuments;
  readonly #definitions: Definitions;
  readonly #parts = new Map<string, Kept<Promise<Part2>>>();
  #ownNames: Promise<ReadonlySet<string>> | undefined;

  constructor(own: OpenApiDocuments, definitions: Definitions) {
    this.#own = own;
    this.#definitions = definitions;
  }

  #fixed(): Promise<ReadonlySet<string>> {
    return (this.#ownNames ??= Promise.resolve(this.#own.groupVersions()).then((names) => new Set(names)));
  }

  /** Group versions that hold custom resources alone. */
  async #custom(): Promise<{ group: string; version: string; name: string }[]> {
    const fixed = await this.#fixed();
    return this.#definitions.groups().flatMap(({ name: group, versions }) => versions.map((version) => ({ group, version, name: nameOf(group, version) }))).filter(({ name }) => !fixed.has(name));
  }

  async groupVersions(): Promise<string[]> {
    return [...(await this.#fixed()), ...(await this.#custom()).map(({ name }) => name)].sort();
  }

  fingerprint(name?: string): string {
    if (name === undefined) return String(this.#definitions.version);
    const at = parseName(name);
    return at === undefined ? '' : this.#definitions.fingerprint(at.group, at.version);
  }

  #describe(group: string, version: string): DescribedVersion[] {
    return this.#definitions.serving(group, version).map(({ record, version: one }) => ({
      resource: resourceOf(record, one), selectable: one.selectable,
      schema: this.#definitions.read(record.name)?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema,
    }));
  }

  async v3(name: string): Promise<unknown> {
    const at = parseName(name);
    if (at === undefined || (await this.#fixed()).has(name)) return this.#own.v3(name);
    const { customDocument3 } = await import('../../api/openapi/index.ts');
    return customDocument3(at.group, at.version, this.#describe(at.group, at.version));
  }

  #part(group: string, version: string): Promise<Part2> {
    const name = nameOf(group, version);
    const fingerprint = this.fingerprint(name);
    const kept = this.#parts.get(name);
    if (kept?.fingerprint === fingerprint) return kept.value;
    const value = import('../../api/openapi/index.ts').then(({ customPart2 }) => customPart2(group, version, this.#describe(group, version)));
    this.#parts.set(name, { fingerprint, value });
    return value;
  }

  async v2(): Promise<unknown> {
    const custom = await this.#custom();
    const names = new Set(custom.map(({ name }) => name));
    for (const name of this.#parts.keys()) if (!names.has(name)) this.#parts.delete(name);
    const [{ withParts }, own, parts] = await Promise.all([import('../../api/openapi/index.ts'), this.#own.v2(), Promise.all(custom.map(({ group, version }) => this.#part(group, version)))]);
    return withParts(own as Record<string, unknown>, parts);
  }
}

export function withCustomResources(own: OpenApiDocuments, definitions: Definitions): OpenApiDocuments {
  return new CustomDocuments(own, definitions);
}
