/** What strict validation refuses and lenient validation warns of: fields that come twice, and fields that nobody knows. */
import { strictDecodingMessage, undecodable, type FieldValidation } from '../../api/decode.ts';
import type { StatusError } from '../../api/meta/status.ts';

/** What a client has sent, as a JSON value. */
export interface Body {
  value: unknown;
  /** Texts such as `duplicate field "spec.foo"`. */
  duplicates: string[];
  /** Texts such as `line 5: key "name" already set in map`; YAML has these in place of the above. */
  repeated?: string[];
  /** The body itself, where it was one. */
  bytes?: Uint8Array;
  /** Whether a list that is empty in the value was written so: in protobuf it cannot be. */
  tellsEmpty?: boolean;
}

/** `spec.ports[0].name` out of `unknown field "spec.ports[0].name"`; undefined for texts of another form. */
function pathIn(problem: string): string | undefined {
  const match = /^(?:duplicate|unknown) field (".*")$/s.exec(problem);
  return match === null ? undefined : (JSON.parse(match[1]!) as string);
}

/** The place in the document of each of the paths; those that are not in it have none. */
function placesOf(value: unknown, wanted: ReadonlySet<string>): Map<string, number> {
  const places = new Map<string, number>();
  const visit = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null || places.size === wanted.size) return;
    for (const key of Object.keys(part)) {
      const below = Array.isArray(part) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      if (wanted.has(below)) places.set(below, places.size);
      visit((part as Record<string, unknown>)[key], below);
    }
  };
  visit(value, '');
  return places;
}

/** In the order of the document, as a decoder comes upon them; what is twice in a part that nobody knows is not told: nobody looks in there. */
export function inOrder(value: unknown, problems: readonly string[]): string[] {
  if (problems.length < 2) return [...problems];
  const paths = new Map(problems.map((problem) => [problem, pathIn(problem)] as const));
  const unknown = problems.filter((problem) => problem.startsWith('unknown field ')).map((problem) => paths.get(problem)!);
  const told = problems.filter((problem) => !problem.startsWith('duplicate field ') || !unknown.some((path) => isWithin(paths.get(problem)!, path)));
  const places = placesOf(value, new Set([...paths.values()].filter((path) => path !== undefined)));
  const placeOf = (problem: string): number => places.get(paths.get(problem) ?? '') ?? -1;
  return told.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);
}

/** The lines of YAML on which a key comes again, in the one sentence that Go's reader makes of them. */
export function yamlErrors(repeated: readonly string[]): string {
  return `yaml: unmarshal errors:\n${repeated.map((line) => `  ${line}`).join('\n')}`;
}

/** Refuses a body, or tells its sender, as the request wants it. Throws StatusError 400. `custom`: it was read as JSON first, and looked at afterwards. */
export function settleProblems(schema: string, body: Body, unknown: readonly string[], validation: FieldValidation, warnings: string[], custom = false): void {
  const { value, duplicates, repeated = [] } = body;
  if (duplicates.length + repeated.length + unknown.length === 0 || validation === 'Ignore') return;
  const fields = custom ? [...new Set([...duplicates, ...unknown])] : inOrder(value, [...duplicates, ...unknown]);
  if (validation === 'Warn') return void warnings.push(...repeated, ...fields);
  throw refusedStrictly(schema, value, repeated.length === 0 ? fields : [yamlErrors(repeated), ...fields]);
}

function refusedStrictly(schema: string, value: unknown, problems: readonly string[]): StatusError {
  return undecodable(schema, value, strictDecodingMessage(problems));
}

const SUMMARY_LENGTH = 30;

/** A body in an error: its beginning, as it is where it looks like JSON, else in hexadecimal. */
export function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const text = Buffer.from(bytes.subarray(0, SUMMARY_LENGTH)).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_LENGTH ? `${text} ...` : text;
}
