/** Kubernetes' own functions on lists, regular expressions, URLs and JSON pointers. */
import { add, compare, equals } from '../compare.ts';
import type { RE2JS } from 're2js';
import type { Whole } from '../numbers.ts';
import { CelError, opaque, type CelType } from '../types.ts';
import { ArrayList, CelObject, Double, Duration, ListValue, nativeMap, Uint, type Value } from '../values.ts';
import { costs, overload, type Overload, type OverloadOptions } from './declare.ts';
import { pattern } from './patterns.ts';

function extreme(name: 'min' | 'max', list: ListValue): Value {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const value of list) if (name === 'min' ? compare(value, best) < 0 : compare(value, best) > 0) best = value;
  return best;
}

function isSorted(list: ListValue): boolean {
  for (let i = 1; i < list.size; i++) if (compare(list.at(i - 1), list.at(i)) > 0) return false;
  return true;
}

const position = (list: ListValue, wanted: Value, from: number, step: 1 | -1): number => {
  for (let i = from; i >= 0 && i < list.size; i += step) if (equals(list.at(i), wanted)) return i;
  return -1;
};

export function kubernetesListLibrary(): Overload[] {
  const walk: OverloadOptions = { cost: (measure) => measure.walk(0) };
  const zeros: Record<string, () => Value> = { int: () => 0, uint: () => new Uint(0), double: () => new Double(0), duration: () => new Duration(0n) };
  const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
  return [
    ...comparable.flatMap((type) => [
      overload('isSorted', `list(${type}).() -> bool`, isSorted, walk),
      overload('min', `list(${type}).() -> ${type}`, (list: ListValue) => extreme('min', list), walk),
      overload('max', `list(${type}).() -> ${type}`, (list: ListValue) => extreme('max', list), walk),
    ]),
    ...Object.entries(zeros).map(([type, zero]) => overload('sum', `list(${type}).() -> ${type}`, (list: ListValue) => [...list].reduce<Value>(add, zero()), walk)),
    overload('indexOf', 'list(A).(A) -> int', (list: ListValue, wanted: Value) => position(list, wanted, 0, 1), walk),
    overload('lastIndexOf', 'list(A).(A) -> int', (list: ListValue, wanted: Value) => position(list, wanted, list.size - 1, -1), walk),
  ];
}

function searched(source: string): RE2JS {
  try {
    return pattern(source);
  } catch (error) {
    throw error instanceof CelError ? new CelError(`Illegal regex: ${error.message}`) : error;
  }
}

function find(text: string, source: string): string {
  const matcher = searched(source).matcher(text);
  return matcher.find() ? matcher.group()! : '';
}

function findAll(text: string, source: string, most: Whole = -1): Value {
  const limit = Number(most);
  const matcher = searched(source).matcher(text);
  const found: Value[] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group()!);
  return new ArrayList(found);
}

export function regexLibrary(): Overload[] {
  const options = { cost: costs.pattern };
  return [
    overload('find', 'string.(string) -> string', find, options),
    overload('findAll', 'string.(string) -> list(string)', findAll, options),
    overload('findAll', 'string.(string, int) -> list(string)', findAll, options),
  ];
}

const URL_TYPE = opaque('kubernetes.URL');

class UrlValue extends CelObject {
  readonly text: string;
  readonly url: URL;
  /** The path or authority was not there in the text, whatever the parser adds. */
  readonly bare: boolean;
  constructor(text: string) {
    super();
    this.text = text;
    this.bare = text.startsWith('/');
    this.url = new URL(text, 'none://none');
  }
  override get celType(): CelType {
    return URL_TYPE;
  }
  equalTo(other: Value): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

/** An absolute URI, or an absolute path: what Go's ParseRequestURI takes. */
function parseUrl(text: string): UrlValue {
  const fault = (cause: string): CelError => new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${cause}`);
  if (text === '') throw fault('empty url');
  // eslint-disable-next-line no-control-regex -- these are refused
  if (/[\x00-\x1f\x7f]/.test(text)) throw fault('net/url: invalid control character in URL');
  if (!/^([a-zA-Z][a-zA-Z0-9+.-]*:|\/)/.test(text)) throw fault('invalid URI for request');
  const authority = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (/\s/.test(host) || /%(?![0-9a-fA-F]{2})/.test(text) || /^\[[^\]]*$/.test(host)) throw fault('invalid character in host name');
  if (/:[^\]]*[^\d:\]]/.test(host.replace(/^\[[^\]]*\]/, ''))) throw fault(`invalid port ${JSON.stringify(host.slice(host.lastIndexOf(':')))} after host`);
  try {
    return new UrlValue(text);
  } catch {
    throw fault('invalid URI for request');
  }
}

function isUrl(text: string): boolean {
  try {
    parseUrl(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}

/** What stands between `//` and the path, without user and password. */
function hostOf({ text }: UrlValue): string {
  const authority = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  return authority.slice(authority.lastIndexOf('@') + 1);
}

function query({ url }: UrlValue): Value {
  const entries = new Map<string, Value[]>();
  for (const [key, value] of url.searchParams) entries.set(key, [...(entries.get(key) ?? []), value]);
  return nativeMap([...entries].map(([key, values]) => [key, new ArrayList(values)] as const));
}

export function urlLibrary(): Overload[] {
  const path = ({ text }: UrlValue): string => /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?:\/\/[^/?#]*)?([^?#]*)/.exec(text)?.[1] ?? '';
  return [
    overload('url', '(string) -> url', parseUrl, { cost: costs.text }),
    overload('isURL', '(string) -> bool', isUrl),
    overload('getScheme', 'url.() -> string', ({ text }: UrlValue) => /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? ''),
    overload('getHost', 'url.() -> string', hostOf),
    overload('getHostname', 'url.() -> string', (url: UrlValue) => hostOf(url).replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')),
    overload('getPort', 'url.() -> string', (url: UrlValue) => /:(\d*)$/.exec(hostOf(url))?.[1] ?? ''),
    overload('getEscapedPath', 'url.() -> string', (url: UrlValue) => encodeURI(path(url)).replace(/%25([0-9a-fA-F]{2})/g, '%$1')),
    overload('getQuery', 'url.() -> map(string, list(string))', query),
  ];
}

export function patchLibrary(): Overload[] {
  return [overload('jsonpatch.escapeKey', '(string) -> string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'), { cost: costs.text })];
}
