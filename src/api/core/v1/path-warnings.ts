/** Files of one volume that hide each other: `a` and `a/b`, or the same name twice. */
import type { ProjectedVolumeSource, Volume, VolumeProjection } from './types.ts';

interface Claimed {
  path: string;
  /** Which of a projected volume's sources it is of. */
  source: string;
}

const text = ({ path, source }: Claimed): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);
const hides = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);

function overlaps(claimed: readonly Claimed[]): string[] {
  if (claimed.length < 2) return [];
  const paths = claimed.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return paths.flatMap((one, i) => paths.slice(0, i).flatMap((other) => (hides(one.path, other.path) ? [`${text(one)} with ${text(other)}`] : [])));
}

const itemsOf = (items: readonly { path: string }[] | undefined, source = ''): Claimed[] => (items ?? []).map(({ path }) => ({ path, source }));

function claimedBy(projection: VolumeProjection): Claimed[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection;
  if (configMap) return itemsOf(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret) return itemsOf(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI) return itemsOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }];
  if (clusterTrustBundle) return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${JSON.stringify(clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? '')}` }];
  const files = [podCertificate?.credentialBundlePath, podCertificate?.keyPath, podCertificate?.certificateChainPath].filter((path) => path !== undefined && path !== '') as string[];
  return files.map((path) => ({ path, source: 'PodCertificate' }));
}

const projected = ({ sources }: ProjectedVolumeSource): Claimed[] => (sources ?? []).flatMap(claimedBy);

/** One warning for each pair of files that are in each other's way. */
export function pathWarnings(volumes: readonly Volume[] | undefined): string[] {
  return (volumes ?? []).flatMap((volume) => {
    const [kind, claimed] = volume.configMap ? [`ConfigMap ${JSON.stringify(volume.configMap.name ?? '')}`, itemsOf(volume.configMap.items)]
      : volume.secret ? [`Secret ${JSON.stringify(volume.secret.secretName ?? '')}`, itemsOf(volume.secret.items)]
        : volume.downwardAPI ? ['DownwardAPI', itemsOf(volume.downwardAPI.items)]
          : ['Projected', volume.projected ? projected(volume.projected) : []];
    return overlaps(claimed).map((pair) => `volume ${JSON.stringify(volume.name)} (${kind}): overlapping paths: ${pair}`);
  });
}
