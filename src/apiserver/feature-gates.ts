/** Gates that turn features of the API server on or off. https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ */
import { FORMATS, STANDARD_FORMATS, type Format } from './accept.ts';

/**
 * The gates that this server knows, with their defaults in v1.36. StorageVersionAPI is off there: here it asks for nothing but that its version is served,
 * which is off by default as well, and the gate can turn off what is written then.
 */
const DEFAULTS = {
  APIServerIdentity: true, AuthorizePodWebsocketUpgradeCreatePermission: true, CBORServingAndStorage: false, ConstrainedImpersonation: true, ExtendWebSocketsToKubelet: true, PortForwardWebsockets: true, StorageVersionAPI: true,
  TranslateStreamCloseWebsocketRequests: true, UnauthenticatedHTTP2DOSMitigation: true,
} as const;

export type FeatureGates = { readonly [Gate in keyof typeof DEFAULTS]: boolean };

/** The gates as they are to be. Throws Error for one that this server does not know. */
export function featureGates(asked: Readonly<Record<string, boolean>> = {}): FeatureGates {
  for (const name of Object.keys(asked)) if (!Object.hasOwn(DEFAULTS, name)) throw new Error(`unrecognized feature gate: ${name}`);
  return { ...DEFAULTS, ...asked };
}

/** Those that v1.36 does not hold for ready; the others are beta. */
const ALPHA: ReadonlySet<string> = new Set(['CBORServingAndStorage', 'StorageVersionAPI']);

/** Tells in numbers which gates are on. */
export function countGates(metrics: { gates: { set(labels: readonly string[], value: number): void } }, asked?: Readonly<Record<string, boolean>>): void {
  for (const [name, on] of Object.entries(featureGates(asked))) metrics.gates.set([name, ALPHA.has(name) ? 'ALPHA' : 'BETA'], Number(on));
}

/** What bodies and answers may be encoded in. */
export const formatsBy = (gates: FeatureGates): readonly Format[] => (gates.CBORServingAndStorage ? FORMATS : STANDARD_FORMATS);
