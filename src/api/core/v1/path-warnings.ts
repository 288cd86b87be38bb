/** Files of one volume that hide each other: `a` and `a/b`, or the same name twice. */
import { quote } from '../../meta/quote.ts';
import type { ProjectedVolumeSource, Volume, VolumeProjection } from './types.ts';

interface Claimed {
  path: string;
  /** Which of a projected volume's sources it is of. */
  source: string;
}

const text = ({ path, source }: Claimed): string => (source === '' ? quote(path) : `${quote(path)} (${source})`);
/** Pairs that are told of one volume at most. */
const PAIRS_MAX = 100;

/** Whether all paths are names in one folder, each once: nearly always, and then nothing overlaps. */
const areApart = (claimed: readonly Claimed[]): boolean =>
  claimed.every(({ path }, i) => !path.includes('/') && !claimed.some((other, j) => j < i && other.path === path));

/** Where there are more paths, looking at all pairs would take too long. */
const FEW_PATHS = 16;

/** Each path with those before it that are the same, above it or below it. */
function overlaps(claimed: readonly Claimed[]): string[] {
  if (claimed.length < 2 || (claimed.length <= FEW_PATHS && areApart(claimed))) return [];
  const pairs: string[] = [];
  const own = new Map<string, Claimed[]>();
  const below = new Map<string, Claimed[]>();
  const note = (map: Map<string, Claimed[]>, path: string, one: Claimed): void => void (map.get(path)?.push(one) ?? map.set(path, [one]));
  for (const { path: written, source } of claimed) {
    const path = written.replace(/\/+$/, '');
    const one = { path, source };
    const above: string[] = [];
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) above.push(path.slice(0, cut));
    for (const other of [...(own.get(path) ?? []), ...above.flatMap((parent) => own.get(parent) ?? []), ...(below.get(path) ?? [])]) {
      if (pairs.length === PAIRS_MAX) return pairs;
      pairs.push(`${text(one)} with ${text(other)}`);
    }
    note(own, path, one);
    for (const parent of above) note(below, parent, one);
  }
  return pairs;
}

const itemsOf = (items: readonly { path: string }[] | undefined, source = ''): Claimed[] => (items ?? []).map(({ path }) => ({ path, source }));

function claimedBy(projection: VolumeProjection): Claimed[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection;
  if (configMap) return itemsOf(configMap.items, `ConfigMap ${quote(configMap.name ?? '')}`);
  if (secret) return itemsOf(secret.items, `Secret ${quote(secret.name ?? '')}`);
  if (downwardAPI) return itemsOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }];
  if (clusterTrustBundle) return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${quote(clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? '')}` }];
  const files = [podCertificate?.credentialBundlePath, podCertificate?.keyPath, podCertificate?.certificateChainPath].filter((path) => path !== undefined && path !== '') as string[];
  return files.map((path) => ({ path, source: 'PodCertificate' }));
}

const projected = ({ sources }: ProjectedVolumeSource): Claimed[] => (sources ?? []).flatMap(claimedBy);

/** One warning for each pair of files that are in each other's way. */
export function pathWarnings(volumes: readonly Volume[] | undefined): string[] {
  return (volumes ?? []).flatMap((volume) => {
    const [kind, claimed] = volume.configMap ? [`ConfigMap ${quote(volume.configMap.name ?? '')}`, itemsOf(volume.configMap.items)]
      : volume.secret ? [`Secret ${quote(volume.secret.secretName ?? '')}`, itemsOf(volume.secret.items)]
        : volume.downwardAPI ? ['DownwardAPI', itemsOf(volume.downwardAPI.items)]
          : ['Projected', volume.projected ? projected(volume.projected) : []];
    return overlaps(claimed).map((pair) => `volume ${quote(volume.name)} (${kind}): overlapping paths: ${pair}`);
  });
}
