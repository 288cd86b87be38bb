/** Running the kernel's tools, here or inside a network namespace, with errors that say which command failed and why. */
import type { ExecResult, Host } from '../host/types.ts';

/** Where commands run: in this process's network namespace, or in a named one under /run/netns. */
export interface Place {
  exec: Host['exec'];
  /** Name of a network namespace as `ip netns` lists it. */
  namespace?: string;
}

const commandTimeoutMs = 30_000;

/**
 * The words to put before a command to run it in a namespace. `nsenter --net` and not `ip netns exec`: the latter mounts a new /sys,
 * which hides the cgroups that a node needs.
 */
export function enterNamespace(name: string): string[] {
  return ['nsenter', `--net=/run/netns/${name}`];
}

/** Runs to the end and returns whatever came of it. */
export async function attempt(place: Place, file: string, args: readonly string[], input?: string): Promise<ExecResult> {
  const [program, ...rest] = place.namespace === undefined ? [file, ...args] : [...enterNamespace(place.namespace), file, ...args];
  return await place.exec.run(program!, rest, { timeoutMs: commandTimeoutMs, ...(input === undefined ? {} : { input }) });
}

/** Runs to the end; a status other than 0 throws. Returns standard output. */
export async function command(place: Place, file: string, args: readonly string[], input?: string): Promise<string> {
  const result = await attempt(place, file, args, input);
  if (result.code === 0) return result.stdout;
  const where = place.namespace === undefined ? '' : ` in network namespace "${place.namespace}"`;
  throw new Error(`"${[file, ...args].join(' ')}"${where} failed with status ${result.code}: ${(result.stderr || result.stdout).trim()}`);
}
