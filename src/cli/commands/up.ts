import { Option, type Command } from 'commander';
import { UserError, type Operations, type Progress, type UpRequest } from '../operations.ts';

function wholeNumber(flag: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new UserError(`${flag}: invalid value "${text}": must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

/** `kubets up`: brings a whole cluster up on this machine. */
export function registerUp(program: Command, operations: Operations, progress: Progress): void {
  program
    .command('up')
    .description('Start a cluster on this machine, and wait until its nodes are Ready and its DNS answers')
    .option('--nodes <count>', 'how many nodes; all but the first live in network namespaces of their own', wholeNumber('--nodes', 1, 1000), 1)
    .option('--data-dir <dir>', 'where the cluster keeps its state (default: /var/lib/kubets, or ~/.local/share/kubets without root)')
    .addOption(new Option('--runtime <name>', 'what runs the containers; hollow only pretends, and needs neither root nor Linux').choices(['containerd', 'hollow']).default('containerd'))
    .option('--foreground', 'stay attached, and stop the cluster on Ctrl-C', false)
    .option('--demo', 'deploy examples/hello, and show what it serves', false)
    .option('--port <port>', 'port of the API server', wholeNumber('--port', 1, 65535), 6443)
    .option('--node-ip <address>', 'this machine\'s address in the cluster (default: that of the default route)')
    .addOption(new Option('--proxy-mode <mode>', 'how Services are realised').choices(['auto', 'iptables', 'nftables']).default('auto'))
    .option('--service-cidr <cidr>', 'addresses of Services', '10.96.0.0/16')
    .option('--cluster-cidr <cidr>', 'addresses of pods', '10.244.0.0/16')
    .option('--etcd-servers <urls>', 'keep the state in this etcd cluster, as https://host:2379,… (default: in the data directory)')
    .option('--etcd-cafile <file>', 'authority of the certificates of etcd')
    .option('--etcd-certfile <file>', 'client certificate for etcd')
    .option('--etcd-keyfile <file>', 'its key')
    .option('--etcd-prefix <prefix>', 'what all keys in etcd begin with (default: /registry)')
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) for the scheduler: profiles, plug-ins, extenders; kept for later starts, \'\' drops it')
    .addOption(new Option('--log-level <level>', 'what the components log').choices(['debug', 'info', 'warn', 'error']).default('info'))
    .option('--no-install', 'install nothing; say what is missing (for the launcher)')
    .action(async (options: UpRequest) => {
      await operations.up({ ...options, dataDir: options.dataDir, nodeIp: options.nodeIp }, progress);
    });
}
