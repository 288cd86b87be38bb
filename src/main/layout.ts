/** Where a cluster keeps things on this machine. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface NodeLayout {
  name: string;
  root: string;
  /** Short paths for unix sockets, on a file system that a reboot empties. */
  run: string;
  containerdSocket: string;
  containerdRoot: string;
  containerdState: string;
  containerdConfig: string;
  kubeletRoot: string;
}

/** Every path of a cluster follows from its data directory. */
export interface Layout {
  dataDir: string;
  /** Eight hex digits that tell this cluster's things from another's: cgroups, interfaces, run directories. */
  id: string;
  /** Begins the names of interfaces and rules: at most 8 characters, so that an interface's whole name fits into 15. */
  networkPrefix: string;
  clusterFile: string;
  pki: string;
  store: string;
  logs: string;
  run: string;
  processes: string;
  adminKubeconfig: string;
  images: string;
  node(name: string): NodeLayout;
}

/** The cgroup below which all pods of the cluster live. */
export const cgroupRootOf = (layout: Layout): string => `/kubets-${layout.id}`;

export function defaultDataDir(isRoot: boolean): string {
  if (isRoot) return '/var/lib/kubets';
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'kubets');
}

export function layoutOf(dataDirectory: string, isRoot: boolean): Layout {
  const dataDir = resolve(dataDirectory);
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  const run = isRoot ? `/run/kubets/${id}` : join(dataDir, 'run');
  return {
    dataDir,
    id,
    networkPrefix: `kt${id.slice(0, 5)}`,
    run,
    clusterFile: join(dataDir, 'cluster.json'),
    pki: join(dataDir, 'pki'),
    store: join(dataDir, 'store'),
    logs: join(dataDir, 'logs'),
    processes: join(dataDir, 'processes'),
    adminKubeconfig: join(dataDir, 'admin.kubeconfig'),
    images: join(dataDir, 'images'),
    node(name) {
      const root = join(dataDir, 'nodes', name);
      const nodeRun = join(run, name);
      return {
        name,
        root,
        run: nodeRun,
        containerdSocket: join(nodeRun, 'containerd.sock'),
        containerdRoot: join(root, 'containerd'),
        containerdState: join(nodeRun, 'containerd'),
        containerdConfig: join(root, 'containerd.toml'),
        kubeletRoot: join(root, 'kubelet'),
      };
    },
  };
}
