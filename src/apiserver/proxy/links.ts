/**
 * Links of a proxied page. A page that is looked at through this server stands below another path than it knows of, so that links from its root would lead
 * out of it: they get the proxy's path in front. The rest of the page passes byte for byte.
 */

/** Attributes that hold a link (HTML Living Standard, and some of HTML 4). */
const linkAttributes: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.entries({
  a: 'href', applet: 'codebase', area: 'href', audio: 'src', base: 'href', blockquote: 'cite', body: 'background', button: 'formaction', command: 'icon', del: 'cite', embed: 'src', form: 'action',
  frame: 'longdesc src', head: 'profile', html: 'manifest', iframe: 'longdesc src', img: 'longdesc src usemap', input: 'src usemap formaction', ins: 'cite', link: 'href',
  object: 'classid codebase data usemap', q: 'cite', script: 'src', source: 'src', video: 'poster src',
}).map(([tag, attributes]) => [tag, new Set(attributes.split(' '))]));

/** Elements whose text holds no tags, up to their own end. */
const rawElements: ReadonlySet<string> = new Set(['iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea', 'title', 'xmp']);

/** A tag longer than this is not looked into. */
const MAX_TAG = 16 * 1024;

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const GREATER = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;

/** Where the tag that begins at `start` ends, after its `>`; -1 when the text ends before. A `>` in quotes ends nothing. */
function endOfTag(text: string, start: number): number {
  let quote = 0;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === GREATER) return at + 1;
    else if ((code === QUOTE || code === APOSTROPHE) && text.charCodeAt(at - 1) === EQUALS) quote = code;
  }
  return -1;
}

const unescaped = (value: string): string => value.replaceAll(/&(?:amp|#38|#x26);/gi, '&');
const escaped = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll("'", '&#39;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The tag with its links changed; one pass over its text. */
function rewriteTag(tag: string, name: string, rewrite: (link: string) => string): string {
  const wanted = linkAttributes.get(name);
  if (!wanted) return tag;
  let result = '';
  let copied = 0;
  let at = 1 + name.length;
  while (at < tag.length - 1) {
    while (at < tag.length - 1 && (isSpace(tag.charCodeAt(at)) || tag.charCodeAt(at) === SLASH)) at++;
    const nameStart = at;
    // A name may begin with `=`, and is over at the next one.
    do at++;
    while (at < tag.length - 1 && tag.charCodeAt(at) !== EQUALS && tag.charCodeAt(at) !== SLASH && !isSpace(tag.charCodeAt(at)));
    const attribute = tag.slice(nameStart, at).toLowerCase();
    let next = at;
    while (isSpace(tag.charCodeAt(next))) next++;
    if (tag.charCodeAt(next) !== EQUALS) continue;
    next++;
    while (isSpace(tag.charCodeAt(next))) next++;
    const quote = tag.charCodeAt(next);
    let start = next;
    let end = next;
    if (quote === QUOTE || quote === APOSTROPHE) {
      start++;
      end = tag.indexOf(tag[next]!, start);
      if (end < 0) break;
      at = end + 1;
    } else {
      while (end < tag.length - 1 && !isSpace(tag.charCodeAt(end))) end++;
      at = end;
    }
    if (!wanted.has(attribute)) continue;
    const link = unescaped(tag.slice(start, end));
    const changed = rewrite(link);
    if (changed === link) continue;
    result += tag.slice(copied, start) + escaped(changed);
    copied = end;
  }
  return copied === 0 ? tag : result + tag.slice(copied);
}

/** Changes the links of a page that comes in pieces. The text is of one byte a character (latin1): what is not a link leaves as it came, whatever its encoding. */
export class LinkRewriter {
  readonly #rewrite: (link: string) => string;
  #held = '';
  /** What must come before tags count again: the end of a comment or of an element of raw text. */
  #until: RegExp | undefined;

  constructor(rewrite: (link: string) => string) {
    this.#rewrite = rewrite;
  }

  /** What can be said of the page by now. */
  push(piece: string): string {
    const text = this.#held + piece;
    let out = '';
    let at = 0;
    for (;;) {
      const [next, done] = this.#until ? this.#pass(text, at) : this.#step(text, at);
      out += done;
      if (next === at) break;
      at = next;
      if (at === text.length) break;
    }
    this.#held = text.slice(at);
    if (this.#held.length > MAX_TAG) {
      out += this.#held;
      this.#held = '';
    }
    return out;
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** Passes on what cannot hold tags. The last few characters wait: the end may be cut in two. */
  #pass(text: string, at: number): [number, string] {
    this.#until!.lastIndex = at;
    const match = this.#until!.exec(text);
    if (match) {
      this.#until = undefined;
      return [match.index, text.slice(at, match.index)];
    }
    const safe = Math.max(at, text.length - 12);
    return [safe, text.slice(at, safe)];
  }

  /** One run of text, or one tag. The same place again: more has to come first. */
  #step(text: string, at: number): [number, string] {
    const open = text.indexOf('<', at);
    if (open < 0) return [text.length, text.slice(at)];
    if (open > at) return [open, text.slice(at, open)];
    if (text.length - at < 4) return [at, ''];
    if (text.startsWith('<!--', at)) {
      this.#until = /-->/g;
      return [at + 4, '<!--'];
    }
    if (!isLetter(text.charCodeAt(at + 1))) return [at + 1, '<'];
    const end = endOfTag(text, at);
    if (end < 0) return [at, ''];
    let nameEnd = at + 1;
    while (nameEnd < end - 1 && !isSpace(text.charCodeAt(nameEnd)) && text.charCodeAt(nameEnd) !== SLASH) nameEnd++;
    const name = text.slice(at + 1, nameEnd).toLowerCase();
    const tag = text.slice(at, end);
    if (rawElements.has(name)) this.#until = new RegExp(`</${name}`, 'gi');
    return [end, rewriteTag(tag, name, this.#rewrite)];
  }
}

/** The page with its links changed, as it comes. */
export async function* withLinks(body: AsyncIterable<Uint8Array>, rewrite: (link: string) => string): AsyncGenerator<Uint8Array> {
  const rewriter = new LinkRewriter(rewrite);
  for await (const piece of body) {
    const text = rewriter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1'));
    if (text !== '') yield Buffer.from(text, 'latin1');
  }
  const rest = rewriter.end();
  if (rest !== '') yield Buffer.from(rest, 'latin1');
}
