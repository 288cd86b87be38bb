/** The one document of OpenAPI version 2 with custom resources in it: texts of each definition that are kept, joined when they are sent. */
import { createHash } from 'node:crypto';
import type { DescribedVersion, Part2 } from '../../api/openapi/index.ts';
import { JoinedDocument } from '../endpoints/openapi.ts';
import { Pieces } from '../pieces.ts';

/** After so many definitions the event loop goes on with other requests: some ten milliseconds. */
const definitionsInATurn = 8;

/** One version of a definition, to be described when its text is not at hand. */
export interface Source {
  key: string;
  group: string;
  version: string;
  /** Changes whenever the text may. */
  fingerprint: string;
  describe(): DescribedVersion;
}

/** Texts of members of an object: `"name":value`. */
interface Fragment {
  fingerprint: string;
  hash: string;
  definitions: ReadonlyMap<string, Buffer>;
  paths: readonly Buffer[];
}

/** The server's own document. */
interface Base {
  document: unknown;
  hash: string;
  names: ReadonlySet<string>;
  rest: Buffer;
  definitions: Buffer;
  paths: Buffer;
}

type Json = Record<string, unknown>;
export type MakePart = (group: string, version: string, versions: readonly DescribedVersion[], known: ReadonlySet<string>) => Part2;

const member = ([name, value]: [string, unknown]): Buffer => Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
const inside = (value: unknown): Buffer => Buffer.from(JSON.stringify(value ?? {}).slice(1, -1));
const hashOf = (texts: readonly Uint8Array[]): string => {
  const hash = createHash('sha512');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
};
const NOTHING = Buffer.alloc(0);
const COMMA = Buffer.from(',');

export class SecondDocument {
  readonly #turn: () => Promise<void>;
  readonly #fragments = new Map<string, Fragment>();
  #base: Base | undefined;

  constructor(turn: () => Promise<void>) {
    this.#turn = turn;
  }

  #baseOf(document: unknown): Base {
    if (this.#base !== undefined && this.#base.document === document) return this.#base;
    const { definitions, paths, ...rest } = document as { definitions?: Json; paths?: Json };
    const texts = { rest: inside(rest), definitions: inside(definitions), paths: inside(paths) };
    // Fragments leave out what the document has of itself.
    this.#fragments.clear();
    const base: Base = { document, hash: hashOf(Object.values(texts)), names: new Set(Object.keys(definitions ?? {})), ...texts };
    this.#base = base;
    return base;
  }

  /** Makes the texts that are missing, a few in each turn, and forgets those of definitions that have gone. */
  async make(document: unknown, sources: readonly Source[], part: MakePart): Promise<JoinedDocument> {
    const base = this.#baseOf(document);
    const fragments: Fragment[] = [];
    let made = 0;
    for (const source of sources) {
      let fragment = this.#fragments.get(source.key);
      if (fragment?.fingerprint !== source.fingerprint) {
        if (++made % definitionsInATurn === 0) await this.#turn();
        const { definitions, paths } = part(source.group, source.version, [source.describe()], base.names);
        const texts = new Map(Object.entries(definitions).map((entry) => [entry[0], member(entry)]));
        const pathTexts = Object.entries(paths).map(member);
        fragment = { fingerprint: source.fingerprint, definitions: texts, paths: pathTexts, hash: hashOf([...texts.values(), ...pathTexts]) };
        this.#fragments.set(source.key, fragment);
      }
      fragments.push(fragment);
    }
    const keys = new Set(sources.map(({ key }) => key));
    for (const key of this.#fragments.keys()) if (!keys.has(key)) this.#fragments.delete(key);
    return join(base, fragments);
  }
}

function join(base: Base, fragments: readonly Fragment[]): JoinedDocument {
  const definitions = new Map(fragments.flatMap((fragment) => [...fragment.definitions]));
  const texts: Buffer[] = [Buffer.from('{')];
  const members = (list: Iterable<Buffer>): void => {
    let first = true;
    for (const text of list) {
      if (text.length === 0) continue;
      if (!first) texts.push(COMMA);
      texts.push(text);
      first = false;
    }
  };
  members([base.rest, Buffer.from('"definitions":{')]);
  members([base.definitions, ...definitions.values()]);
  texts.push(Buffer.from('},"paths":{'));
  members([base.paths, ...fragments.flatMap(({ paths }) => paths)]);
  texts.push(Buffer.from('}}'));
  let length = 0;
  for (const text of texts) length += text.length;
  const body = new Pieces({ head: NOTHING, tail: NOTHING, items: texts, before: () => NOTHING, skipped: 0, length });
  const etag = createHash('sha512').update([base.hash, ...fragments.map(({ hash }) => hash)].join(' ')).digest('hex').toUpperCase();
  return new JoinedDocument(body, `"${etag}"`);
}
