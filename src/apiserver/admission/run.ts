/** Runs plug-ins over a request, for what does not go through the registry: connections to pods, services and nodes, and new tokens. */
import type { AdmissionPlugin, AdmissionRequest } from '../types.ts';

/** Runs the plug-ins that may change the object, a second time if one of them asks for it; true when there were any. */
export async function mutateAll(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<boolean> {
  const rounds = (request.rounds = { round: 0, again: false, kept: new Map<string, unknown>() });
  let ran = false;
  for (; rounds.round < 2; rounds.round++) {
    for (const plugin of plugins) {
      if (plugin.mutate === undefined || !plugin.handles(request)) continue;
      ran = true;
      // Most plug-ins answer at once: a turn for each would cost more than they do.
      const answer = plugin.mutate(request);
      if (answer !== undefined) await answer;
    }
    if (!rounds.again) break;
  }
  return ran;
}

export async function runAdmission(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  const concerned = plugins.filter((plugin) => plugin.handles(request));
  await mutateAll(concerned, request);
  for (const plugin of concerned) await plugin.validate?.(request);
}
