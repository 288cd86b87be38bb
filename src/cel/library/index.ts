/** Which functions an environment has. */
import { formatType } from '../type-names.ts';
import type { LibraryName } from '../types.ts';
import { conversionLibrary } from './conversions.ts';
import type { Overload } from './declare.ts';
import { LIBRARIES } from './list.ts';
import { standardLibrary } from './standard.ts';

const KUBERNETES: readonly LibraryName[] = [
  'strings', 'sets', 'optional', 'two-variable-comprehensions', 'lists-extension', 'kubernetes.lists', 'kubernetes.regex', 'kubernetes.urls', 'kubernetes.ip', 'kubernetes.cidr',
  'kubernetes.quantity', 'kubernetes.semver', 'kubernetes.format', 'kubernetes.authorizer',
];
const DEVICES: readonly LibraryName[] = [...KUBERNETES, 'bindings'];
const MUTATIONS: readonly LibraryName[] = [...KUBERNETES, 'kubernetes.jsonpatch'];

/** What Kubernetes v1.36 has on: neither `math` nor `cel.bind`. */
export const kubernetesLibraries = (): readonly LibraryName[] => KUBERNETES;

/** What expressions over devices may use beside that: `cel.bind`, so that a domain's attributes need not be spelled again and again. */
export const deviceLibraries = (): readonly LibraryName[] => DEVICES;

/** What mutations may use beside that: `jsonpatch.escapeKey`. */
export const mutationLibraries = (): readonly LibraryName[] => MUTATIONS;

/** What two overloads have in common of which one stands for the other. */
const form = ({ name, member, params }: Overload): string => `${name} ${member} ${params.map(formatType).join()}`;

const made = new WeakMap<readonly LibraryName[], ReadonlyMap<string, readonly Overload[]>>();

/** Overloads by function; made once for each list of libraries. */
export function functionsOf(libraries: readonly LibraryName[] = kubernetesLibraries()): ReadonlyMap<string, readonly Overload[]> {
  const known = made.get(libraries);
  if (known !== undefined) return known;
  const functions = new Map<string, Overload[]>();
  const first = libraries.includes('specification') ? LIBRARIES.specification() : [];
  const replaced = new Set(first.map(form));
  const others = [...standardLibrary(), ...conversionLibrary(), ...libraries.filter((name) => name !== 'specification').flatMap((name) => LIBRARIES[name]())];
  for (const overload of [...first, ...others.filter((each) => !replaced.has(form(each)))]) {
    const list = functions.get(overload.name);
    if (list) list.push(overload);
    else functions.set(overload.name, [overload]);
  }
  made.set(libraries, functions);
  return functions;
}
