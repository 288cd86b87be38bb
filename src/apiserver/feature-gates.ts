/** Gates that turn features of the API server on or off. https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ */
import { FORMATS, STANDARD_FORMATS, type Format } from './accept.ts';

/** The gates that this server knows, with their defaults in v1.36. */
const DEFAULTS = { CBORServingAndStorage: false } as const;

export type FeatureGates = { readonly [Gate in keyof typeof DEFAULTS]: boolean };

/** The gates as they are to be. Throws Error for one that this server does not know. */
export function featureGates(asked: Readonly<Record<string, boolean>> = {}): FeatureGates {
  for (const name of Object.keys(asked)) if (!Object.hasOwn(DEFAULTS, name)) throw new Error(`unrecognized feature gate: ${name}`);
  return { ...DEFAULTS, ...asked };
}

/** What bodies and answers may be encoded in. */
export const formatsBy = (gates: FeatureGates): readonly Format[] => (gates.CBORServingAndStorage ? FORMATS : STANDARD_FORMATS);
