/**
 * YAML as Kubernetes' tools read it: the words of YAML 1.1 for true and false, octal numbers, dates left as text, and keys that are
 * turned into strings.
 */
import { CORE_SCHEMA, NOT_RESOLVED, YAMLException, defineMappingTag, defineScalarTag, loadAll, mergeTag } from 'js-yaml';
import { exactInteger } from './exact-json.ts';
import { MAX_DEPTH } from './json.ts';

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

const TRUE_WORDS: ReadonlySet<string> = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL_WORDS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const INTEGER = /^[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]+|0[xX][\da-fA-F_]+|0|[1-9][\d_]*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const SPECIAL_FLOAT = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function integer(source: string): number | bigint | typeof NOT_RESOLVED {
  if (!INTEGER.test(source) || !/\d/.test(source)) return NOT_RESOLVED;
  const plain = source.replaceAll('_', '');
  const sign = plain.startsWith('-') ? -1 : 1;
  const digits = plain.replace(/^[-+]/, '');
  const octal = /^0[oO]?([0-7]+)$/.exec(digits);
  const value = octal === null ? Number(digits) : Number.parseInt(octal[1]!, 8);
  if (!Number.isSafeInteger(value)) return exactInteger(String(BigInt(sign) * BigInt(octal === null ? digits : `0o${octal[1]}`))) ?? sign * value;
  return Number.isFinite(value) ? sign * value : NOT_RESOLVED;
}

function float(source: string): number | typeof NOT_RESOLVED {
  if (SPECIAL_FLOAT.test(source)) throw new YamlSyntaxError(`json: unsupported value: ${source.replace(/^\+?\.inf$/i, '+Inf').replace(/^-\.inf$/i, '-Inf').replace(/^\.nan$/i, 'NaN')}`);
  const value = FLOAT.test(source) ? Number(source) : Number.NaN;
  return Number.isFinite(value) ? value : NOT_RESOLVED;
}

const never = (): boolean => false;

/** The text forms of base64, checked and decoded to a string, as Go's YAML puts `!!binary` into JSON. */
function binary(source: string): string | typeof NOT_RESOLVED {
  const compact = source.replace(/\s/g, '');
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact) ? Buffer.from(compact, 'base64').toString('utf8') : NOT_RESOLVED;
}

/** A schema for one text; keys that come twice are added to `duplicates`, and the one after the first `stopAt` of them ends the reading. */
function schemaNoting(duplicates: string[], text: string, stopAt = Number.POSITIVE_INFINITY): typeof CORE_SCHEMA {
  // A key that a mapping overrides after merging (`<<`) is written twice as well, and rightly.
  const merges = text.includes('<<');
  const tag = (name: string): string => `tag:yaml.org,2002:${name}`;
  return CORE_SCHEMA.withTags(
    mergeTag,
    defineScalarTag(tag('null'), { implicit: true, resolve: (source) => (NULL_WORDS.has(source) ? null : NOT_RESOLVED), identify: never }),
    defineScalarTag(tag('bool'), { implicit: true, resolve: (source) => (TRUE_WORDS.has(source) ? true : FALSE_WORDS.has(source) ? false : NOT_RESOLVED), identify: never }),
    defineScalarTag(tag('int'), { implicit: true, resolve: integer, identify: never }),
    defineScalarTag(tag('float'), { implicit: true, resolve: float, identify: never }),
    defineScalarTag(tag('timestamp'), { resolve: (source) => source, identify: never }),
    defineScalarTag(tag('binary'), { resolve: binary, identify: never }),
    defineMappingTag<Record<string, unknown>>(tag('map'), {
      create: () => ({}),
      addPair: (carrier, key, value) => {
        if (key === null) return 'unsupported map key of type: null';
        if (typeof key === 'object') return 'unsupported map key: a mapping or a list';
        const name = String(key);
        if (!merges && Object.hasOwn(carrier, name)) {
          duplicates.push(name);
          if (duplicates.length > stopAt) return 'key already set in map';
        }
        Object.defineProperty(carrier, name, { value, enumerable: true, configurable: true, writable: true });
        return '';
      },
      has: (carrier, key) => Object.hasOwn(carrier, String(key)),
      keys: (result) => Object.keys(result),
      get: (result, key) => (Object.hasOwn(result, String(key)) ? result[String(key)] : null),
      identify: never,
    }),
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

function documents(text: string, duplicates: string[]): unknown[] {
  const found = load(text, duplicates);
  if (text.includes('&') && text.includes('*')) for (const document of found) refuseBombs(document);
  return found;
}

function load(text: string, duplicates: string[]): unknown[] {
  try {
    return loadAll(text, { schema: schemaNoting(duplicates, text), json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
  } catch (error) {
    throw wordsOf(error);
  }
}

/** Reads the first document of a YAML text, null when there is none. Throws YamlSyntaxError. */
export function readYaml(text: string): ParsedYaml {
  const duplicates: string[] = [];
  const [first] = documents(text, duplicates);
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
