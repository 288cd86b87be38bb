/** Runs plug-ins over a request, for what does not go through the registry: connections to pods, services and nodes, and new tokens. */
import type { AdmissionPlugin, AdmissionRequest } from '../types.ts';

export async function runAdmission(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  const concerned = plugins.filter((plugin) => plugin.handles(request));
  for (const plugin of concerned) await plugin.mutate?.(request);
  for (const plugin of concerned) await plugin.validate?.(request);
}
