/** What a hollow container or pod pretends to do, read from its image's name and from annotations of the pod. */
import type { Labels } from './runtime.ts';

const prefix = 'kubets.dev/hollow-';

/** `hollow/exit:CODE` ends at once, `hollow/exit:CODE-5s` after five seconds (also `ms`); any registry and path may stand in front. */
const exitImage = /(?:^|\/)hollow\/exit:(\d{1,3})(?:-(\d+)(ms|s))?$/;
/** An image that no registry has. */
const missingImage = /(?:^|\/)hollow\/missing(?::|@|$)/;

export type HollowFailure = 'sandbox' | 'pull' | 'create' | 'start';
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface HollowScript {
  /** The container ends by itself: when, and how. Absent: it runs until it is stopped. */
  exit?: { code: number; afterMs: number };
  /** The step that fails. */
  fail?: HollowFailure;
  /** Health checks that fail. */
  unhealthy: ReadonlySet<ProbeKind>;
  /** It takes no notice of being asked to stop, and must be killed. */
  ignoresStop: boolean;
  execExitCode: number;
}

function numberOf(annotations: Labels, name: string): number | undefined {
  const text = annotations[prefix + name];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Number(text);
}

function exitOf(image: string, annotations: Labels, isInit: boolean): HollowScript['exit'] {
  const named = exitImage.exec(image);
  if (named) return { code: Number(named[1]), afterMs: Number(named[2] ?? 0) * (named[3] === 's' ? 1000 : 1) };
  // Nobody waits for a container that would never end: init containers of ordinary images are done at once.
  if (isInit) return { code: 0, afterMs: 0 };
  const code = numberOf(annotations, 'exit-code');
  const afterMs = numberOf(annotations, 'run-ms');
  return code === undefined && afterMs === undefined ? undefined : { code: code ?? 0, afterMs: afterMs ?? 0 };
}

/**
 * Annotations: `kubets.dev/hollow-exit-code`, `-run-ms`, `-fail` (`sandbox`, `pull`, `create` or `start`), `-unhealthy` (`startup`, `liveness`,
 * `readiness`, separated by commas), `-ignore-stop` (`true`), `-exec-exit-code`.
 */
export function hollowScript(image: string, annotations: Labels, isInit = false): HollowScript {
  const fail = missingImage.test(image) ? 'pull' : (annotations[`${prefix}fail`] as HollowFailure | undefined);
  const unhealthy = (annotations[`${prefix}unhealthy`] ?? '').split(',').map((word) => word.trim()).filter(Boolean) as ProbeKind[];
  return {
    exit: exitOf(image, annotations, isInit),
    fail,
    unhealthy: new Set(unhealthy),
    ignoresStop: annotations[`${prefix}ignore-stop`] === 'true',
    execExitCode: numberOf(annotations, 'exec-exit-code') ?? 0,
  };
}
