/** The OpenAPI documents with custom resources in them: made when asked for, and kept until a definition of the same group version changes. */
import type { DescribedVersion } from '../../api/openapi/index.ts';
import type { OpenApiDocuments } from '../endpoints/openapi.ts';
import type { JoinedDocument } from '../endpoints/openapi-parts.ts';
import { fingerprintOf, type Definitions } from './definitions.ts';
import { resourceOf } from './kind.ts';
import { SecondDocument, type Source } from './openapi-second.ts';
import type { DefinitionRecord, VersionRecord } from './record.ts';

const nameOf = (group: string, version: string): string => `apis/${group}/${version}`;

function parseName(name: string): { group: string; version: string } | undefined {
  const [root, group, version, ...more] = name.split('/');
  return root === 'apis' && group !== undefined && version !== undefined && more.length === 0 ? { group, version } : undefined;
}

class CustomDocuments implements OpenApiDocuments {
  readonly #own: OpenApiDocuments;
  readonly #definitions: Definitions;
  readonly #second: SecondDocument;
  #ownNames: Promise<ReadonlySet<string>> | undefined;

  constructor(own: OpenApiDocuments, definitions: Definitions, turn: () => Promise<void>) {
    this.#second = new SecondDocument(turn);
    this.#own = own;
    this.#definitions = definitions;
  }

  #fixed(): Promise<ReadonlySet<string>> {
    return (this.#ownNames ??= Promise.resolve(this.#own.groupVersions()).then((names) => new Set(names)));
  }

  /** Group versions that hold custom resources alone. */
  async #custom(): Promise<{ group: string; version: string; name: string }[]> {
    const fixed = await this.#fixed();
    await this.#definitions.allRead();
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

  #describeOne(record: DefinitionRecord, one: VersionRecord): DescribedVersion {
    return {
      resource: resourceOf(record, one), selectable: one.selectable,
      schema: this.#definitions.look(record.name)?.spec.versions.find(({ name }) => name === one.name)?.schema?.openAPIV3Schema,
    };
  }

  #describe(group: string, version: string): DescribedVersion[] {
    return this.#definitions.serving(group, version).map(({ record, version: one }) => this.#describeOne(record, one));
  }

  async v3(name: string): Promise<unknown> {
    const at = parseName(name);
    if (at === undefined || (await this.#fixed()).has(name)) return this.#own.v3(name);
    const { customDocument3 } = await import('../../api/openapi/index.ts');
    return customDocument3(at.group, at.version, this.#describe(at.group, at.version));
  }

  #sources(custom: readonly { group: string; version: string; name: string }[]): Source[] {
    return custom.flatMap(({ group, version, name: groupVersion }) => this.#definitions.serving(group, version).map(({ record, version: one }): Source => ({
      key: `${groupVersion} ${record.name}`, group, version, fingerprint: fingerprintOf(record), describe: () => this.#describeOne(record, one),
    })));
  }

  async v2(): Promise<JoinedDocument> {
    const [custom, own] = await Promise.all([this.#custom(), this.#own.v2()]);
    if (custom.length === 0) return own;
    const { customPart2 } = await import('../../api/openapi/index.ts');
    return this.#second.make(own, this.#sources(custom), customPart2);
  }
}

/** `turn` lets other work go on where there is much to do. */
export function withCustomResources(own: OpenApiDocuments, definitions: Definitions, turn?: () => Promise<void>): OpenApiDocuments {
  return new CustomDocuments(own, definitions, turn ?? (() => Promise.resolve()));
}
