/**
 * YAML as Kubernetes' tools read it: the words of YAML 1.1 for true and false, octal numbers, dates left as text, and keys that are
 * turned into strings.
 */
import { setOwn } from '../base/own.ts';
import { CORE_SCHEMA, NOT_RESOLVED, YAMLException, defineMappingTag, defineScalarTag, defineSequenceTag, loadAll, mergeTag } from 'js-yaml';
import { MAX_DEPTH } from './json.ts';
import { faultOfText, readMended } from './yaml-mend.ts';
import { meaningOf, type Meaning } from './yaml-words.ts';
import { numberText } from './yaml-write.ts';

/** Aliases in one document; more make a small text a huge value. */
const MAX_ALIASES = 1000;

/** A text that is no YAML, or one that JSON cannot hold. */
export class YamlSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlSyntaxError';
  }
}

export interface ParsedYaml {
  value: unknown;
  /** Keys that came more than once in a mapping; the last value counts. */
  duplicates: string[];
  /** The same, as Go's reader tells of them: `line 5: key "name" already set in map`. */
  repeated: string[];
}

const KINDS: Readonly<Record<Meaning['is'], string>> = { text: 'str', null: 'null', boolean: 'bool', integer: 'int', float: 'float', special: 'float', timestamp: 'timestamp' };
const SPECIAL: Readonly<Record<string, number>> = { '.inf': Infinity, '+.inf': Infinity, '-.inf': -Infinity, '.nan': Number.NaN };

function valueOf(meaning: Meaning, source: string): unknown {
  switch (meaning.is) {
    case 'null':
      return null;
    case 'special':
      return SPECIAL[meaning.value.toLowerCase()];
    case 'boolean':
    case 'integer':
    case 'float':
      return meaning.value;
    default:
      return source;
  }
}

const plain = (source: string): unknown => {
  const meaning = meaningOf(source);
  return meaning.is === 'text' ? NOT_RESOLVED : valueOf(meaning, source);
};

/** A value whose kind is said by its tag. */
const tagged = (kind: string) => (source: string): unknown => {
  const meaning = meaningOf(source);
  const found = KINDS[meaning.is];
  if (found === kind || (kind === 'float' && found === 'int')) return valueOf(meaning, source);
  throw new YamlSyntaxError(`error converting YAML to JSON: yaml: cannot decode !!${found} \`${source}\` as a !!${kind}`);
};

const never = (): boolean => false;

/** The text forms of base64, checked and decoded to a string, as Go's YAML puts `!!binary` into JSON. */
function binary(source: string): string | typeof NOT_RESOLVED {
  const compact = source.replace(/\s/g, '');
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact) ? Buffer.from(compact, 'base64').toString('utf8') : NOT_RESOLVED;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** A key of a mapping as JSON has it; undefined for what can be none. */
function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return String(key);
  if (typeof key === 'bigint') return key > MAX_INT64 ? undefined : String(key);
  if (typeof key !== 'number') return undefined;
  return Number.isFinite(key) ? numberText(key) : Number.isNaN(key) ? '.nan' : key > 0 ? '.inf' : '-.inf';
}

/** A schema for one text; keys that come twice are added to `duplicates`, and the one after the first `stopAt` of them ends the reading. */
function schemaNoting(duplicates: string[], text: string, stopAt = Number.POSITIVE_INFINITY): typeof CORE_SCHEMA {
  // A key that a mapping overrides after merging (`<<`) is written twice as well, and rightly.
  const merges = text.includes('<<');
  const tag = (name: string): string => `tag:yaml.org,2002:${name}`;
  const mapping = (name: string, matchByTagPrefix: boolean): ReturnType<typeof defineMappingTag<Record<string, unknown>>> => defineMappingTag<Record<string, unknown>>(name, {
    matchByTagPrefix,
    create: () => ({}),
    addPair: (carrier, key, value) => {
      const name = keyText(key);
      if (name === undefined) return `unsupported map key of type: ${key === null ? 'null' : typeof key === 'bigint' ? 'uint64' : Array.isArray(key) ? 'slice' : 'map'}`;
      if (!merges && Object.hasOwn(carrier, name)) {
        duplicates.push(name);
        if (duplicates.length > stopAt) return 'key already set in map';
      }
      setOwn(carrier, name, value);
      return '';
    },
    has: (carrier, key) => Object.hasOwn(carrier, keyText(key) ?? ''),
    keys: (result) => Object.keys(result),
    get: (result, key) => (Object.hasOwn(result, String(key)) ? result[String(key)] : null),
    identify: never,
  });
  return CORE_SCHEMA.withTags(
    mergeTag,
    defineScalarTag(tag('plain'), { implicit: true, resolve: plain, identify: never }),
    ...['null', 'bool', 'int', 'float', 'timestamp'].map((kind) => defineScalarTag(tag(kind), { resolve: tagged(kind), identify: never })),
    defineScalarTag(tag('binary'), { resolve: binary, identify: never }),
    // What other tags say is not looked at.
    ...['!', 'tag:', ''].flatMap((prefix) => [
      defineScalarTag(prefix, { matchByTagPrefix: true, resolve: (source) => source, identify: never }),
      defineSequenceTag<unknown[]>(prefix, { matchByTagPrefix: true, create: () => [], addItem: (list, item) => (list.push(item), ''), identify: never }),
      mapping(prefix, true),
    ]),
    mapping(tag('map'), false),
  );
}
/** Go's words for what the library says in its own. */
const WORDS: ReadonlyMap<string, string> = new Map([['unexpected end of the stream within a flow collection', 'did not find expected node content']]);

function wordsOf(error: unknown): YamlSyntaxError {
  if (error instanceof YamlSyntaxError) return error;
  if (!(error instanceof YAMLException)) throw error;
  const line = error.mark === undefined || error.mark === null ? '' : `line ${error.mark.line + 1}: `;
  return new YamlSyntaxError(`error converting YAML to JSON: yaml: ${line}${WORDS.get(error.reason) ?? error.reason}`);
}

/** Values that a text may stand for, once every alias is followed; above that, aliases must not make more than so many times what is written. */
const FREE_EXPANSION = 100_000;
const MAX_EXPANSION_RATIO = 10;

/**
 * Aliases share what they stand for, so that a short text is small in memory however long it is when written out. Whoever walks through it would pay
 * the whole price: what is out of proportion, or holds itself, is refused before that.
 */
function refuseBombs(document: unknown): void {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  let written = 0;
  const sizeOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) throw new YamlSyntaxError('error converting YAML to JSON: yaml: anchor value contains itself');
    open.add(value);
    let size = 1;
    for (const item of Object.values(value)) size += sizeOf(item);
    open.delete(value);
    sizes.set(value, size);
    written += Object.keys(value).length + 1;
    return size;
  };
  const expanded = sizeOf(document);
  if (expanded > FREE_EXPANSION && expanded > written * MAX_EXPANSION_RATIO) throw new YamlSyntaxError('error converting YAML to JSON: yaml: document contains excessive aliasing');
}

function documents(text: string, duplicates: string[], read = load): unknown[] {
  const fault = faultOfText(text);
  if (fault !== undefined) throw new YamlSyntaxError(`error converting YAML to JSON: yaml: ${fault}`);
  const found = read(text, duplicates);
  if (text.includes('&') && text.includes('*')) for (const document of found) refuseBombs(document);
  if (MANY_DIGITS.test(text)) for (const document of found) settleLong(document, new Set());
  if (/\\[uU]/.test(text)) for (const document of found) refuseHalves(document, new Set());
  if (/\.(?:inf|nan)/i.test(text)) for (const document of found) refuseSpecial(document, new Set());
  return found;
}

/** As many digits as a whole number beyond 64 bits with a sign has, in the shortest of its notations. */
const MANY_DIGITS = /[\da-f_]{16}/i;

/** Whole numbers that only fit into 64 bits without a sign are near ones where they are values: keys know them. */
function settleLong(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'bigint' || item <= MAX_INT64) settleLong(item, seen);
    else Object.defineProperty(value, key, { value: Number(item), enumerable: true, configurable: true, writable: true });
  }
}

/** JSON has no numbers beyond all others, and none that is none. */
function refuseSpecial(value: unknown, seen: Set<object>): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new YamlSyntaxError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const item of Object.values(value)) refuseSpecial(item, seen);
}

/** An escape that stands for half a character, or for none. */
function refuseHalves(value: unknown, seen: Set<object>): void {
  if (typeof value === 'string' && !value.isWellFormed()) throw new YamlSyntaxError('error converting YAML to JSON: yaml: found invalid Unicode character escape code');
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    refuseHalves(key, seen);
    refuseHalves(item, seen);
  }
}

/** The text up to the end of its first document: what comes behind is not looked at. */
function firstDocument(text: string): string {
  if (!/^(?:---|\.\.\.)/m.test(text)) return text;
  const start = /^(?:\ufeff?(?:[ \t]*(?:#.*)?|%.*)\r?\n)*(?:---(?=\s|$))?/.exec(text)![0].length;
  const end = /^(?:---|\.\.\.)(?=\s|$)/m.exec(text.slice(start));
  // The pattern takes the slice's begin for the begin of a line.
  if (end === null || (end.index === 0 && start > 0 && text[start - 1] !== '\n')) return text;
  return text.slice(0, start + end.index);
}

function load(text: string, duplicates: string[]): unknown[] {
  try {
    return loadAll(text, { schema: schemaNoting(duplicates, text), json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
  } catch (error) {
    throw wordsOf(error);
  }
}

const stopOf = (error: unknown): { reason: string; position: number } | undefined => (error instanceof YAMLException && error.mark ? { reason: error.reason, position: error.mark.position } : undefined);

/** Of one document, with what Kubernetes' reader overlooks. */
function loadFirst(text: string, duplicates: string[]): unknown[] {
  const read = (mended: string): unknown[] => {
    duplicates.length = 0;
    return loadAll(mended, { schema: schemaNoting(duplicates, mended), json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
  };
  try {
    return readMended(text, read, stopOf);
  } catch (error) {
    throw wordsOf(error);
  }
}

/** Reads the first document of a YAML text, null when there is none. Throws YamlSyntaxError. */
export function readYaml(text: string): ParsedYaml {
  const duplicates: string[] = [];
  const [first] = documents(firstDocument(text), duplicates, loadFirst);
  return { value: first ?? null, duplicates, repeated: duplicates.length === 0 ? [] : linesOf(text, duplicates) };
}

/** Keys that come again whose lines are told, and characters that are read for it: each line costs a reading of its own. */
const MAX_LINES_TOLD = 1_000;
const MAX_READ_AGAIN = 2 ** 22;

function linesOf(text: string, duplicates: readonly string[]): string[] {
  const readings = Math.min(duplicates.length, MAX_LINES_TOLD, Math.max(1, Math.floor(MAX_READ_AGAIN / text.length)));
  return duplicates.slice(0, readings).map((key, at) => {
    try {
      loadAll(text, { schema: schemaNoting([], text, at), json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
    } catch (error) {
      if (error instanceof YAMLException && error.mark) return `line ${error.mark.line + 1}: key ${JSON.stringify(key)} already set in map`;
    }
    return `key ${JSON.stringify(key)} already set in map`;
  });
}

/** Reads all documents of a YAML text, empty ones left out. Throws YamlSyntaxError. */
export function readYamlDocuments(text: string): unknown[] {
  return documents(text, []).filter((document) => document !== null && document !== undefined);
}
