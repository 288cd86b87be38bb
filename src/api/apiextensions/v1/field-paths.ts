/** Paths such as `.spec.list` and `.labels['a.b']`, along the fields that a schema has. */
import { FieldPath } from '../../meta/field.ts';
import { isSchema } from './structural.ts';
import type { JSONSchemaProps } from './types.ts';

/** A path that leads somewhere, or why it does not. */
export type FoundPath = { path: FieldPath; root: string; schema: JSONSchemaProps } | { fault: string };

/** Delimiters, texts in single quotes, and what stands between. */
function* tokensOf(text: string): Generator<string, void, undefined> {
  let start = 0;
  while (start < text.length) {
    let end = start;
    if (text[start] === "'") {
      end = start + 1;
      while (end < text.length && !(text[end] === "'" && text[end - 1] !== '\\')) end++;
      end++;
    } else if ('.[]'.includes(text[start]!)) end = start + 1;
    else while (end < text.length && !'.[]'.includes(text[end]!)) end++;
    yield text.slice(start, end);
    start = end;
  }
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** What stands in single quotes; undefined for escapes that are none. */
function unescaped(text: string): string | undefined {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const next = text[i] === '\\' ? UNESCAPED[text[++i] ?? ''] : text[i];
    if (next === undefined || (next === '"' && text[i - 1] === '\\')) return undefined;
    result += next;
  }
  return result;
}

const NOWHERE = 'does not refer to a valid field';
const END = 'unexpected end of JSON path';

class Walk {
  readonly #tokens: Iterator<string, void, undefined>;
  path: FieldPath | undefined;
  root = '';
  schema: JSONSchemaProps;

  constructor(text: string, schema: JSONSchemaProps) {
    this.#tokens = tokensOf(text);
    this.schema = schema;
  }

  next(): string | undefined {
    const step = this.#tokens.next();
    return step.done ? undefined : step.value;
  }

  /** Goes to a field below; answers what is wrong. */
  enter(name: string): string | undefined {
    const { properties, additionalProperties } = this.schema;
    const named = properties !== undefined && Object.keys(properties).length > 0;
    if (!named && additionalProperties === undefined) return NOWHERE;
    const below = named ? (Object.hasOwn(properties, name) ? properties[name] : undefined) : isSchema(additionalProperties) ? additionalProperties : {};
    if (this.path === undefined) this.root = named ? name : `[${name}]`;
    this.path = named ? (this.path?.child(name) ?? new FieldPath(name)) : (this.path ?? new FieldPath()).key(name);
    if (below === undefined) return NOWHERE;
    this.schema = below;
    return undefined;
  }

  /** `['name']`, of which the bracket has been read. */
  quoted(): string | undefined {
    const token = this.next();
    if (token === undefined) return END;
    if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) return `expected single quoted string but got ${token}`;
    const name = unescaped(token.slice(1, -1));
    if (name === undefined) return 'invalid string literal: invalid syntax';
    const fault = this.enter(name);
    if (fault !== undefined) return fault;
    const closing = this.next();
    if (closing === undefined) return END;
    return closing === ']' ? undefined : `expected ] but got ${closing}`;
  }
}

/**
 * Follows a path through a schema.
 * @param options.brackets whether `['name']` is allowed.
 */
export function findFieldPath(text: string, schema: JSONSchemaProps, options: { brackets: boolean }): FoundPath {
  const walk = new Walk(text, schema);
  for (let token = walk.next(); token !== undefined; token = walk.next()) {
    let fault: string | undefined;
    if (token === '[') fault = options.brackets ? walk.quoted() : 'array notation is not allowed';
    else if (token === '.') {
      const name = walk.next();
      fault = name === undefined ? END : walk.enter(name);
    } else fault = `expected [ or . but got: ${token}`;
    if (fault !== undefined) return { fault };
  }
  return { path: walk.path ?? new FieldPath('<nil>'), root: walk.root, schema: walk.schema };
}
