/**
 * Lists, maps and pointers that are always written are null where there is nothing in them. Within the process such lists and maps are empty, and such
 * pointers are missing: this makes them so, in what has been read.
 */
import { parseExactly } from './exact-json.ts';
import { isAlwaysWritten, isNullablePointer } from './order.ts';
import { findSchema, type FieldSchema } from './schema.ts';

type Members = Record<string, unknown>;
type Fill = (value: unknown) => void;

interface Step {
  name: string;
  /** Puts in its place what null stands for; undefined for fields that are there only for what is below. */
  settle: ((value: Members) => void) | undefined;
  below: Fill | undefined;
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types that are looked through at the moment: a type within itself has what it has. */
const fills = new Map<string, Fill | undefined>();

function fillOf(name: string): Fill | undefined {
  if (fills.has(name)) return fills.get(name);
  let steps: readonly Step[] = [];
  const fill: Fill = (value) => {
    if (!isMembers(value)) return;
    for (const { name: field, settle, below } of steps) {
      const member = value[field];
      if (member === null) settle?.(value);
      else if (member !== undefined) below?.(member);
    }
  };
  // Whoever meets the type within itself calls this one.
  fills.set(name, fill);
  steps = (findSchema(name)?.fields ?? []).flatMap(stepOf);
  const hasSteps = steps.some(({ settle }) => settle !== undefined) || steps.some(({ below }) => below !== undefined && below !== fill);
  if (!hasSteps) fills.set(name, undefined);
  return fills.get(name);
}

function stepOf(field: FieldSchema): Step[] {
  const settle = settlerOf(field);
  const below = belowOf(field);
  return settle === undefined && below === undefined ? [] : [{ name: field.name, settle, below }];
}

function settlerOf(field: FieldSchema): Step['settle'] {
  const { name } = field;
  if (isNullablePointer(field)) return (value) => void delete value[name];
  if (!isAlwaysWritten(field)) return undefined;
  return field.shape === 'list' ? (value) => void (value[name] = []) : (value) => void (value[name] = {});
}

function belowOf(field: FieldSchema): Fill | undefined {
  const item = field.type === 'object' && field.ref !== undefined ? fillOf(field.ref) : undefined;
  if (item === undefined || field.shape === 'one') return item;
  if (field.shape === 'list') {
    return (value) => {
      if (Array.isArray(value)) for (const member of value) item(member);
    };
  }
  return (value) => {
    if (isMembers(value)) for (const key in value) item(value[key]);
  };
}

/**
 * Puts empty lists and maps, and nothing for pointers, in place of null, in an object of that type that was just read out of JSON and is nobody else's yet. Answers the object.
 * @param text what it was read out of: without a null in it nothing is looked at.
 */
export function withEmptyLists<T>(schema: string, object: T, text: string): T {
  if (text.includes('null')) fillOf(schema)?.(object);
  return object;
}

/** An object out of its JSON; without a schema as the text has it. */
export function parseWritten(schema: string | undefined, text: string): unknown {
  const object = parseExactly(text);
  return schema === undefined ? object : withEmptyLists(schema, object, text);
}
