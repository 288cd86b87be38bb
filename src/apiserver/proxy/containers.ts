/** Which container of a pod a request is about. */
import type { Pod } from '../../api/core/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';

const namesOf = (containers: readonly { name?: string }[] | undefined): string[] => (containers ?? []).map((container) => container.name ?? '');

/** The container asked for, or the only one there is. Throws 400 in the words that clients know. */
export function containerFor(pod: Pod, asked: string): string {
  const name = pod.metadata.name ?? '';
  const containers = namesOf(pod.spec?.containers);
  const init = namesOf(pod.spec?.initContainers);
  const ephemeral = namesOf(pod.spec?.ephemeralContainers);
  if (asked !== '') {
    if (![...containers, ...init, ...ephemeral].includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  if (containers.length === 1) return containers[0]!;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`);
  const others = [...(init.length > 0 ? [` or one of the init containers: [${init.join(' ')}]`] : []), ...(ephemeral.length > 0 ? [` or one of the ephemeral containers: [${ephemeral.join(' ')}]`] : [])];
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${others.join('')}`);
}
