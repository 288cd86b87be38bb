/** The types of CEL expressions, and the face that the room shows: environments, programs, issues, errors. */

export type PrimitiveKind = 'dyn' | 'error' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration';

/** `maxSize` is what a schema promises about length (bytes, items, entries): cost estimates live on it. */
export interface PrimitiveType { readonly kind: PrimitiveKind; readonly maxSize?: number }
export interface ListType {
  readonly kind: 'list';
  readonly element: CelType;
  readonly maxSize?: number;
  /** `set` and `map` lists of a schema are equal whatever their order, and `+` merges them. */
  readonly listType?: 'set' | 'map';
  readonly listKeys?: readonly string[];
}
export interface MapType { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
/** A primitive that may also be null (protobuf's wrappers). */
export interface WrapperType { readonly kind: 'wrapper'; readonly of: PrimitiveType; readonly maxSize?: number }
/** A type of a library, as `kubernetes.Quantity` or `optional_type(int)`. */
export interface OpaqueType { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[]; readonly maxSize?: number }
/** A variable of a function's signature. */
export interface ParameterType { readonly kind: 'parameter'; readonly name: string; readonly maxSize?: number }
/** The type of a type. */
export interface TypeType { readonly kind: 'type'; readonly of?: CelType; readonly maxSize?: number }

export interface Field {
  /** The property's name in JSON; CEL knows the field by its escaped name. */
  readonly name: string;
  readonly type: CelType;
}

/** Fields are asked for one by one, so that recursive and large schemas cost nothing until an expression touches them. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** By the name that CEL uses (escaped). */
  field(name: string): Field | undefined;
  /** Names that CEL uses. */
  fieldNames(): readonly string[];
  readonly maxSize?: number;
}

export type CelType = PrimitiveType | ListType | MapType | WrapperType | OpaqueType | ParameterType | TypeType | ObjectType;

/** A fault found before evaluation. Line and column count from 1. */
export interface Issue { readonly message: string; readonly line: number; readonly column: number }

/** Sets of functions that an environment may have; `kubernetesLibraries()` lists those of the API server. */
export type LibraryName =
  | 'strings' | 'specification' | 'math' | 'sets' | 'encoders' | 'bindings' | 'optional' | 'two-variable-comprehensions' | 'lists-extension'
  | 'kubernetes.lists' | 'kubernetes.regex' | 'kubernetes.urls' | 'kubernetes.ip' | 'kubernetes.cidr' | 'kubernetes.quantity' | 'kubernetes.semver'
  | 'kubernetes.format' | 'kubernetes.authorizer' | 'kubernetes.jsonpatch';

/** What an expression may name. */
export interface Environment {
  readonly variables: Readonly<Record<string, CelType>>;
  /** All of Kubernetes' when absent. */
  readonly libraries?: readonly LibraryName[];
  /** Finds types that expressions may construct, as `JSONPatch{op: "add"}`. */
  readonly resolveType?: (name: string) => ObjectType | undefined;
  /** Values of names that are known while compiling (enumerations). */
  readonly constants?: Readonly<Record<string, number>>;
  /** Names are looked up in this namespace first; '' in Kubernetes. */
  readonly container?: string;
  /** Lists and maps that are written out hold one type, and literals are checked beforehand; on in Kubernetes. */
  readonly homogeneousLiterals?: boolean;
  /** Looking for a part in what can have none, and a key that is written twice, are faults, as the specification has it; not so in Kubernetes. */
  readonly strict?: boolean;
}

export type CompileResult = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Values of the variables: plain JSON, read in place and never copied or changed, or values of an earlier evaluation, or a function that is asked
 * once, when the expression first needs the variable.
 */
export type Activation = Readonly<Record<string, unknown>>;

export interface EvaluationOptions {
  /** What the evaluation may cost; by default there is no limit. */
  readonly costLimit?: number;
}

export interface Evaluation {
  /** A value of CEL: booleans, strings, null and whole numbers are themselves; `toJson` makes JSON of anything else. */
  readonly value: unknown;
  readonly cost: number;
}

export interface CostEstimate { readonly min: number; readonly max: number }

export interface Program {
  readonly source: string;
  readonly outputType: CelType;
  /** The environment's variables that the expression names. */
  readonly variables: ReadonlySet<string>;
  /** Why no program can be made of it: a conversion of what is constant fails. Undefined for one that can run. */
  fault(): string | undefined;
  /** Throws CelError. */
  evaluate(activation: Activation, options?: EvaluationOptions): Evaluation;
  estimateCost(): CostEstimate;
}

/** What an evaluation ends in when it ends in no value. */
export class CelError extends Error {
  /** The evaluation ran over its `costLimit`. */
  readonly costExceeded: boolean;
  constructor(message: string, costExceeded = false) {
    super(message);
    this.name = 'CelError';
    this.costExceeded = costExceeded;
  }
}

const primitive = (kind: PrimitiveKind): PrimitiveType => ({ kind });

/** The types that need no making. */
export const types = {
  dyn: primitive('dyn'),
  error: primitive('error'),
  null: primitive('null'),
  bool: primitive('bool'),
  int: primitive('int'),
  uint: primitive('uint'),
  double: primitive('double'),
  string: primitive('string'),
  bytes: primitive('bytes'),
  timestamp: primitive('timestamp'),
  duration: primitive('duration'),
} as const;

export const listOf = (element: CelType, maxSize?: number): ListType => (maxSize === undefined ? { kind: 'list', element } : { kind: 'list', element, maxSize });

export const mapOf = (key: CelType, value: CelType, maxSize?: number): MapType => (maxSize === undefined ? { kind: 'map', key, value } : { kind: 'map', key, value, maxSize });

export const opaque = (name: string, ...parameters: CelType[]): OpaqueType => ({ kind: 'opaque', name, parameters });

export const optionalOf = (type: CelType): OpaqueType => opaque('optional_type', type);

/** An object type of fields by name; a name that CEL cannot spell must come escaped (`escapeName`). */
export function objectOf(name: string, fields: Readonly<Record<string, CelType | Field>>): ObjectType {
  const known = new Map<string, Field>();
  for (const [key, value] of Object.entries(fields)) known.set(key, 'kind' in value ? { name: key, type: value } : value);
  return { kind: 'object', name, field: (key) => known.get(key), fieldNames: () => [...known.keys()] };
}
