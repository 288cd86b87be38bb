/** URLs as Go's net/url reads them: what is one, its parts, and the words for what is none. */
import { CelError, opaque } from '../types.ts';
import { ArrayList, nativeMap, OpaqueValue, type Value } from '../values.ts';
import { addressFault } from './address-faults.ts';
import { costs, overload, type Overload } from './declare.ts';
import { goQuote } from './quotes.ts';

const URL_TYPE = opaque('kubernetes.URL');

interface Parts {
  scheme: string;
  user: string;
  host: string;
  /** As it was written. */
  path: string;
  query: string;
  fragment: string;
}

class UrlValue extends OpaqueValue {
  readonly parts: Parts;
  constructor(parts: Parts) {
    super(URL_TYPE);
    this.parts = parts;
  }
  equalTo(other: Value): boolean {
    return other instanceof UrlValue && JSON.stringify({ ...this.parts, path: escapedPath(this) }) === JSON.stringify({ ...other.parts, path: escapedPath(other) });
  }
}

/** What is wrong with a URL. */
class UrlFault extends Error {}

/** Characters that stand for themselves, as a host and as a path may have them. */
const HOST = /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/;
const PLAIN_PATH = /[A-Za-z0-9\-_.~$&+,/:;=@]/;
const WRITTEN_PATH = /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

/** Replaces escapes by the bytes that they stand for. */
function decode(text: string, plus = false): string {
  if (!text.includes('%') && !(plus && text.includes('+'))) return text;
  const bytes: Buffer[] = [];
  for (const [part, escape] of text.matchAll(/%([0-9a-fA-F]{2})|[^%]+|%/g)) bytes.push(escape === undefined ? Buffer.from(plus ? part.replaceAll('+', ' ') : part) : Buffer.from(escape, 'hex'));
  return Buffer.concat(bytes).toString();
}

/** Escapes must be whole; in hosts they may stand for nothing but what is beyond ASCII, and a percent sign. */
function checkEscapes(text: string, place: 'path' | 'host' | 'zone'): void {
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '%') {
      const escape = text.slice(i, i + 3);
      if (!/^%[0-9a-fA-F]{2}$/.test(escape) || (place === 'host' && /^%[0-7]/.test(escape) && escape !== '%25')) throw new UrlFault(`invalid URL escape ${goQuote(escape)}`);
      i += 2;
    } else if (place !== 'path' && c < '\x80' && !HOST.test(c)) throw new UrlFault(`invalid character ${goQuote(c)} in host name`);
  }
}

const isPort = (text: string): boolean => /^(?::\d*)?$/.test(text);
const checkPort = (text: string): void => {
  if (!isPort(text)) throw new UrlFault(`invalid port ${goQuote(text)} after host`);
};

function bracketed(host: string): string {
  const end = host.lastIndexOf(']');
  if (end < 0) throw new UrlFault("missing ']' in host");
  const port = host.slice(end + 1);
  checkPort(port);
  const name = host.slice(1, end);
  const zone = name.indexOf('%25');
  checkEscapes(zone < 0 ? name : name.slice(0, zone), 'host');
  if (zone >= 0) checkEscapes(name.slice(zone), 'zone');
  const decoded = decode(name);
  const fault = addressFault(decoded);
  if (fault !== undefined) throw new UrlFault(`invalid host: ${fault}`);
  if (!decoded.includes(':')) throw new UrlFault('invalid IP-literal');
  return `[${decoded}]${port}`;
}

function hostIn(text: string): string {
  const bracket = text.lastIndexOf('[');
  if (bracket > 0) throw new UrlFault('invalid IP-literal');
  if (bracket === 0) return bracketed(text);
  if (text.includes(':')) checkPort(text.slice(text.lastIndexOf(':')));
  checkEscapes(text, 'host');
  return decode(text);
}

function authorityIn(text: string): { user: string; host: string } {
  const at = text.lastIndexOf('@');
  const host = hostIn(text.slice(at + 1));
  if (at < 0) return { user: '', host };
  const user = text.slice(0, at);
  if (!USER.test(user)) throw new UrlFault('net/url: invalid userinfo');
  checkEscapes(user, 'path');
  return { user: decode(user), host };
}

/** A part up to a sign, and what is after it. */
function cut(text: string, sign: string): [before: string, after: string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function parse(text: string, viaRequest: boolean): Parts {
  // eslint-disable-next-line no-control-regex -- these are refused
  if (/[\x00-\x1f\x7f]/.test(text)) throw new UrlFault('net/url: invalid control character in URL');
  if (text === '' && viaRequest) throw new UrlFault('empty url');
  const parts: Parts = { scheme: '', user: '', host: '', path: '', query: '', fragment: '' };
  if (text === '*') return { ...parts, path: text };
  if (text.startsWith(':')) throw new UrlFault('missing protocol scheme');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1];
  parts.scheme = scheme?.toLowerCase() ?? '';
  const [before, after] = cut(scheme === undefined ? text : text.slice(scheme.length + 1), '?');
  parts.query = after;
  let rest = before;
  if (!rest.startsWith('/')) {
    // What has a scheme and no path is taken as it is.
    if (scheme !== undefined) return parts;
    if (viaRequest) throw new UrlFault('invalid URI for request');
    if (rest.split('/')[0]!.includes(':')) throw new UrlFault('first path segment in URL cannot contain colon');
  }
  if ((scheme !== undefined || (!viaRequest && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    Object.assign(parts, authorityIn(slash < 0 ? rest.slice(2) : rest.slice(2, slash)));
    rest = slash < 0 ? '' : rest.slice(slash);
  }
  checkEscapes(rest, 'path');
  return { ...parts, path: rest };
}

/** An absolute URI, or an absolute path. */
function parseUrl(text: string): UrlValue {
  let shown = text;
  try {
    parse(text, true);
    const [whole, fragment] = cut(text, '#');
    shown = whole;
    const parts = parse(whole, false);
    shown = text;
    checkEscapes(fragment, 'path');
    return new UrlValue({ ...parts, fragment: decode(fragment) });
  } catch (error) {
    if (error instanceof UrlFault) throw new CelError(`URL parse error during conversion from string: parse ${goQuote(shown)}: ${error.message}`);
    throw error;
  }
}

function isUrl(text: string): boolean {
  try {
    parse(text, true);
    return true;
  } catch (error) {
    if (error instanceof UrlFault) return false;
    throw error;
  }
}

/** As it was written where that is a way to write it. */
function escapedPath({ parts: { path } }: UrlValue): string {
  if (path === '*' || (WRITTEN_PATH.test(path) && !/%(?![0-9a-fA-F]{2})/.test(path))) return path;
  let made = '';
  for (const byte of Buffer.from(decode(path))) {
    const c = String.fromCharCode(byte);
    made += byte < 0x80 && PLAIN_PATH.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return made;
}

function hostAndPort({ parts: { host } }: UrlValue): [host: string, port: string] {
  const colon = host.lastIndexOf(':');
  const [name, port] = colon >= 0 && isPort(host.slice(colon)) ? [host.slice(0, colon), host.slice(colon + 1)] : [host, ''];
  return [name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name, port];
}

/** Parts that cannot be read are left out. */
function query({ parts }: UrlValue): Value {
  const entries = new Map<string, Value[]>();
  for (const part of parts.query.split('&')) {
    if (part === '' || part.includes(';') || /%(?![0-9a-fA-F]{2})/.test(part)) continue;
    const [key, value] = cut(part, '=').map((text) => decode(text, true)) as [string, string];
    entries.set(key, [...(entries.get(key) ?? []), value]);
  }
  return nativeMap([...entries].map(([key, values]) => [key, new ArrayList(values)] as const));
}

export function urlLibrary(): Overload[] {
  return [
    overload('url', '(string) -> url', parseUrl, { cost: costs.text }),
    overload('isURL', '(string) -> bool', isUrl),
    overload('getScheme', 'url.() -> string', ({ parts }: UrlValue) => parts.scheme),
    overload('getHost', 'url.() -> string', ({ parts }: UrlValue) => parts.host),
    overload('getHostname', 'url.() -> string', (url: UrlValue) => hostAndPort(url)[0]),
    overload('getPort', 'url.() -> string', (url: UrlValue) => hostAndPort(url)[1]),
    overload('getEscapedPath', 'url.() -> string', escapedPath),
    overload('getQuery', 'url.() -> map(string, list(string))', query),
  ];
}
