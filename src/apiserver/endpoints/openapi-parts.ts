/** The one document of OpenAPI version 2 as the parts that it is put together from: texts that are kept, and joined when they are sent. */
import { createHash } from 'node:crypto';
import { Pieces } from '../pieces.ts';

type Json = Record<string, unknown>;
type Texts = ReadonlyMap<string, Buffer>;

/** What a part brings into the document. */
export interface PartContent {
  definitions?: Json;
  paths?: Json;
}

/** Lets other work go on: documents are long. */
export type Turn = () => Promise<void>;

const NOTHING = Buffer.alloc(0);
const COMMA = Buffer.from(',');
/** Bytes of JSON that are put into protobuf in one turn of the event loop: some ten milliseconds. */
const ENCODED_IN_A_TURN = 256 * 1024;

/** What has lower numbers in protobuf than paths and definitions. */
const BEFORE_MEMBERS: ReadonlySet<string> = new Set(['swagger', 'info', 'host', 'basePath', 'schemes', 'consumes', 'produces']);

const member = (name: string, value: unknown): Buffer => Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
const texts = (object: Json = {}): Texts => new Map(Object.entries(object).map(([name, value]) => [name, member(name, value)]));
const upperHash = (content: string): string => `"${createHash('sha512').update(content).digest('hex').toUpperCase()}"`;

/** Members of an object in protobuf: entries of a map each. */
interface Encoded {
  definitions: Texts;
  paths: Texts;
}

/** Some paths, and the definitions that they lead to. */
export class Part {
  readonly definitions: Texts;
  readonly paths: Texts;
  readonly hash: string;
  #encoded: Promise<Encoded> | undefined;

  constructor({ definitions, paths }: PartContent) {
    this.definitions = texts(definitions);
    this.paths = texts(paths);
    const hash = createHash('sha512');
    for (const text of [...this.definitions.values(), ...this.paths.values()]) hash.update(text);
    this.hash = hash.digest('base64');
  }

  /** The same in protobuf, made once, in as many turns as it takes. */
  encoded(spend: (bytes: number) => Promise<void>): Promise<Encoded> {
    return (this.#encoded ??= this.#encode(spend));
  }

  async #encode(spend: (bytes: number) => Promise<void>): Promise<Encoded> {
    const { encodeMembers2 } = await import('../../api/openapi/protobuf.ts');
    const encode = async (field: 'definitions' | 'paths'): Promise<Texts> => {
      const all = new Map<string, Buffer>();
      for (const [texts, size] of portionsOf(this[field])) {
        await spend(size);
        for (const [name, bytes] of encodeMembers2(field, JSON.parse(`{${texts.join(',')}}`) as Json)) all.set(name, bytes);
      }
      return all;
    };
    return { definitions: await encode('definitions'), paths: await encode('paths') };
  }
}

/** Texts in portions that one turn can take, with their size. */
function* portionsOf(some: Texts): Generator<[texts: Buffer[], size: number], void, undefined> {
  let portion: Buffer[] = [];
  let size = 0;
  for (const text of some.values()) {
    portion.push(text);
    size += text.length;
    if (size < ENCODED_IN_A_TURN) continue;
    yield [portion, size];
    portion = [];
    size = 0;
  }
  if (portion.length > 0) yield [portion, size];
}

/** All members of one name among parts; what an earlier part has, a later one cannot change. */
function members(all: readonly Texts[]): Buffer[] {
  const found = new Map<string, Buffer>();
  for (const some of all) for (const [name, text] of some) if (!found.has(name)) found.set(name, text);
  return [...found.values()];
}

function piecesOf(items: readonly Buffer[]): { items: readonly Buffer[]; length: number } {
  let length = 0;
  for (const item of items) length += item.length;
  return { items, length };
}

const bodyOf = (items: readonly Buffer[]): ConstructorParameters<typeof Pieces>[0] => ({ head: NOTHING, tail: NOTHING, before: () => NOTHING, skipped: 0, ...piecesOf(items) });

function separated(some: readonly Buffer[]): Buffer[] {
  return some.flatMap((text, i) => (i === 0 ? [text] : [COMMA, text]));
}

function jsonOf(rest: Json, parts: readonly Part[]): Buffer[] {
  const before = Object.entries(rest).flatMap(([name, value]) => [member(name, value), COMMA]);
  return [
    Buffer.from('{'), ...before, Buffer.from('"definitions":{'), ...separated(members(parts.map(({ definitions }) => definitions))),
    Buffer.from('},"paths":{'), ...separated(members(parts.map(({ paths }) => paths))), Buffer.from('}}'),
  ];
}

/** The document as a body that can be sent, in JSON. */
export class JoinedDocument extends Pieces {
  readonly etag: string;
  readonly #rest: Json;
  readonly #parts: readonly Part[];
  readonly #turn: Turn | undefined;
  #names: ReadonlySet<string> | undefined;
  #protobuf: Promise<{ body: Pieces; etag: string }> | undefined;

  /** `rest` is what stands beside paths and definitions. Parts are never changed. */
  constructor(rest: Json, parts: readonly Part[], turn?: Turn) {
    super(bodyOf(jsonOf(rest, parts)));
    this.#rest = rest;
    this.#parts = parts;
    this.#turn = turn;
    this.etag = upperHash([JSON.stringify(rest), ...parts.map(({ hash }) => hash)].join(' '));
  }

  /** Of a document that is there as a whole. */
  static of(document: Json): JoinedDocument {
    const { definitions, paths, ...rest } = document as Json & PartContent;
    return new JoinedDocument(rest, [new Part({ ...(definitions ? { definitions } : {}), ...(paths ? { paths } : {}) })]);
  }

  /** The same document with further parts. */
  with(parts: readonly Part[]): JoinedDocument {
    return parts.length === 0 ? this : new JoinedDocument(this.#rest, [...this.#parts, ...parts], this.#turn);
  }

  /** Of all definitions. */
  get names(): ReadonlySet<string> {
    return (this.#names ??= new Set(this.#parts.flatMap(({ definitions }) => [...definitions.keys()])));
  }

  /** A definition, parsed. */
  definition(name: string): unknown {
    const text = this.#parts.find(({ definitions }) => definitions.has(name))?.definitions.get(name);
    return text && (JSON.parse(`{${text.toString()}}`) as Json)[name];
  }

  /** The document in protobuf; made once, part by part, each of which is made once. */
  protobuf(): Promise<{ body: Pieces; etag: string }> {
    return (this.#protobuf ??= this.#encode());
  }

  async #encode(): Promise<{ body: Pieces; etag: string }> {
    const { encodeOpenApiV2, memberHead2 } = await import('../../api/openapi/protobuf.ts');
    const parts: Encoded[] = [];
    let made = 0;
    const spend = async (bytes: number): Promise<void> => {
      if (made > 0 && made + bytes > ENCODED_IN_A_TURN) {
        made = 0;
        await this.#turn?.();
      }
      made += bytes;
    };
    for (const part of this.#parts) parts.push(await part.encoded(spend));
    const [paths, definitions] = [members(parts.map((part) => part.paths)), members(parts.map((part) => part.definitions))];
    const rest = (before: boolean): Buffer => encodeOpenApiV2(Object.fromEntries(Object.entries(this.#rest).filter(([name]) => BEFORE_MEMBERS.has(name) === before)));
    const items = [
      rest(true), memberHead2('paths', piecesOf(paths).length), ...paths, memberHead2('definitions', piecesOf(definitions).length), ...definitions, rest(false),
    ];
    return { body: new Pieces(bodyOf(items)), etag: upperHash(`protobuf ${this.etag}`) };
  }
}
