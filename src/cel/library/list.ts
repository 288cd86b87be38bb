/** The libraries by name. */
import type { LibraryName } from '../types.ts';
import { authorizerLibrary } from './authorizer.ts';
import type { Overload } from './declare.ts';
import { encoderLibrary, setLibrary } from './extensions.ts';
import { formatLibrary } from './formats.ts';
import { listLibrary } from './lists.ts';
import { kubernetesListLibrary, regexLibrary, patchLibrary } from './kubernetes.ts';
import { mathLibrary } from './math.ts';
import { cidrLibrary, ipLibrary } from './network.ts';
import { optionalLibrary } from './optional.ts';
import { quantityLibrary } from './quantity.ts';
import { semverLibrary } from './semver.ts';
import { stringLibrary } from './strings.ts';
import { urlLibrary } from './urls.ts';
import { specificationLibrary } from './specification.ts';

/** Macros alone need no functions. */
const nothing = (): Overload[] => [];

export const LIBRARIES: Readonly<Record<LibraryName, () => Overload[]>> = {
  strings: stringLibrary,
  specification: specificationLibrary,
  math: mathLibrary,
  sets: setLibrary,
  encoders: encoderLibrary,
  bindings: nothing,
  optional: optionalLibrary,
  'two-variable-comprehensions': nothing,
  'lists-extension': listLibrary,
  'kubernetes.lists': kubernetesListLibrary,
  'kubernetes.regex': regexLibrary,
  'kubernetes.urls': urlLibrary,
  'kubernetes.ip': ipLibrary,
  'kubernetes.cidr': cidrLibrary,
  'kubernetes.quantity': quantityLibrary,
  'kubernetes.semver': semverLibrary,
  'kubernetes.format': formatLibrary,
  'kubernetes.authorizer': authorizerLibrary,
  'kubernetes.jsonpatch': patchLibrary,
};
