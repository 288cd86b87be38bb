/** What names mean: variables, types, constants and functions of an environment, and the local names of loops. */
import type { Binding, Reference } from '../ast.ts';
import type { Overload } from '../library/declare.ts';
import { functionsOf } from '../library/index.ts';
import { listOf, mapOf, opaque, types, type CelType, type Environment, type ObjectType } from '../types.ts';

const TYPE_NAMES: Readonly<Record<string, CelType>> = {
  bool: types.bool, int: types.int, uint: types.uint, double: types.double, string: types.string, bytes: types.bytes, null_type: types.null,
  list: listOf(types.dyn), map: mapOf(types.dyn, types.dyn), type: { kind: 'type' }, optional_type: opaque('optional_type', types.dyn),
  'google.protobuf.Timestamp': types.timestamp, 'google.protobuf.Duration': types.duration,
  'net.IP': opaque('net.IP'), 'net.CIDR': opaque('net.CIDR'), 'kubernetes.URL': opaque('kubernetes.URL'), 'kubernetes.Quantity': opaque('kubernetes.Quantity'),
  'kubernetes.Semver': opaque('kubernetes.Semver'), 'kubernetes.NamedFormat': opaque('kubernetes.NamedFormat'),
};

const spacesOf = (names: readonly string[]): string[] => names.filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.')));
const TYPE_SPACES = spacesOf(Object.keys(TYPE_NAMES));
/** What names of several parts begin with, by the variables of an environment. */
const namespaces = new WeakMap<object, ReadonlySet<string>>();

export interface Found { type: CelType; reference: Reference }

export class Scope {
  readonly environment: Environment;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  private readonly locals: Binding[] = [];

  constructor(environment: Environment) {
    this.environment = environment;
    this.functions = functionsOf(environment.libraries);
  }

  enter(...bindings: readonly (Binding | undefined)[]): void {
    for (const binding of bindings) if (binding) this.locals.push(binding);
  }

  leave(...bindings: readonly (Binding | undefined)[]): void {
    for (const binding of bindings) if (binding) this.locals.pop();
  }

  /** The names that `name` may be short for, longest namespace first. */
  private candidates(name: string): readonly string[] {
    if (!this.environment.container && !name.startsWith('.')) return [name];
    if (name.startsWith('.')) return [name.slice(1)];
    const spaces = (this.environment.container ?? '').split('.').filter((part) => part !== '');
    const found: string[] = [];
    for (let i = spaces.length; i > 0; i--) found.push(`${spaces.slice(0, i).join('.')}.${name}`);
    return [...found, name];
  }

  /** Whether no name of several parts begins with this variable. */
  isAlone(name: string): boolean {
    const { variables, constants, resolveType, container } = this.environment;
    if (!Object.hasOwn(variables, name) || constants !== undefined || resolveType !== undefined || container) return false;
    let spaces = namespaces.get(variables);
    if (spaces === undefined) namespaces.set(variables, (spaces = new Set([...TYPE_SPACES, ...spacesOf(Object.keys(variables))])));
    return !spaces.has(name);
  }

  find(name: string): Found | undefined {
    for (let i = this.locals.length - 1; i >= 0; i--) {
      const binding = this.locals[i]!;
      if (binding.name === name) return { type: binding.type!, reference: { kind: 'local', binding } };
    }
    for (const candidate of this.candidates(name)) {
      const found = this.exactly(candidate);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private exactly(name: string): Found | undefined {
    const { variables, constants } = this.environment;
    if (Object.hasOwn(variables, name)) return { type: variables[name]!, reference: { kind: 'variable', name } };
    const type = Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name]! : this.environment.resolveType?.(name);
    if (type !== undefined) return { type: { kind: 'type', of: type }, reference: { kind: 'type', type } };
    if (constants !== undefined && Object.hasOwn(constants, name)) return { type: types.int, reference: { kind: 'constant', value: constants[name]! } };
    return undefined;
  }

  findFunction(name: string): { name: string; overloads: readonly Overload[] } | undefined {
    for (const candidate of this.candidates(name)) {
      const overloads = this.functions.get(candidate);
      if (overloads !== undefined) return { name: candidate, overloads };
    }
    return undefined;
  }

  findStruct(name: string): ObjectType | CelType | undefined {
    for (const candidate of this.candidates(name)) {
      const found = this.environment.resolveType?.(candidate) ?? (Object.hasOwn(TYPE_NAMES, candidate) ? TYPE_NAMES[candidate] : undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
