import type { Command } from 'commander';
import { concurrencyFlags } from '../../controllers/context.ts';
import type { Operations } from '../operations.ts';

interface ComponentCommand {
  name: string;
  description: string;
  flags: readonly (readonly [flag: string, description: string])[];
}

const common = [
  ['--kubeconfig <file>', 'how to reach the API server'],
  ['--v <level>', 'log level: 0 to 2 normal, 4 and above debug'],
] as const;

const leaderElection = [
  ['--leader-elect <bool>', 'run only while holding the lease (default true)'],
  ['--leader-elect-resource-namespace <namespace>', 'where the lease is kept (default kube-system)'],
  ['--leader-elect-resource-name <name>', 'the name of the lease (default: that of the component)'],
  ['--leader-elect-lease-duration <duration>', 'how long others wait for a leader that says nothing (default 15s)'],
  ['--leader-elect-renew-deadline <duration>', 'how long a leader tries to renew before it gives up (default 10s)'],
  ['--leader-elect-retry-period <duration>', 'how often it tries (default 2s)'],
] as const;

/** How events reach a target of the audit log. */
function auditTarget(target: string, mode: string, [size, wait, throttled]: readonly [string, string, string]): (readonly [flag: string, description: string])[] {
  const at = `--audit-${target}`;
  return [
    [`${at}-mode <mode>`, `batch (later), blocking (before the answer) or blocking-strict (or not at all) (default ${mode})`],
    [`${at}-version <version>`, 'audit.k8s.io/v1, the only one'],
    [`${at}-batch-buffer-size <count>`, 'events that wait at most (default 10000)'],
    [`${at}-batch-max-size <count>`, `events of a batch at most (default ${size})`],
    [`${at}-batch-max-wait <duration>`, `until a batch goes that is not full (default ${wait})`],
    [`${at}-batch-throttle-enable <bool>`, `mind how many batches go a second (default ${throttled})`],
    [`${at}-batch-throttle-qps <number>`, 'so many (default 10)'],
    [`${at}-batch-throttle-burst <count>`, 'so many at once after a rest (default 15)'],
    [`${at}-truncate-enabled <bool>`, 'leave out bodies that are too long (default false)'],
    [`${at}-truncate-max-event-size <bytes>`, 'length of an event at most (default 102400)'],
    [`${at}-truncate-max-batch-size <bytes>`, 'length of a batch at most (default 10485760)'],
  ];
}

/** Each component alone, with upstream's names for the flags that it supports. */
const components: readonly ComponentCommand[] = [
  {
    name: 'apiserver',
    description: 'Run an API server alone',
    flags: [
      ['--bind-address <address>', 'address to listen on (default 0.0.0.0)'],
      ['--secure-port <port>', 'port to listen on (default 6443)'],
      ['--advertise-address <address>', 'address under which others reach this server'],
      ['--data-dir <dir>', 'directory of the embedded store; without it the state lives in memory'],
      ['--tls-cert-file <file>', 'serving certificate'],
      ['--tls-private-key-file <file>', 'its key'],
      ['--client-ca-file <file>', 'authority of client certificates'],
      ['--service-account-key-file <file>', 'public key of service account tokens'],
      ['--service-account-signing-key-file <file>', 'private key that signs them'],
      ['--service-account-issuer <url>', 'issuer of service account tokens'],
      ['--service-cluster-ip-range <cidr>', 'addresses of Services (default 10.96.0.0/16)'],
      ['--service-node-port-range <range>', 'ports of NodePort Services (default 30000-32767)'],
      ['--authorization-mode <modes>', 'Node,RBAC (default) or AlwaysAllow'],
      ['--anonymous-auth <bool>', 'let requests without credentials in as system:anonymous (default true)'],
      ['--cors-allowed-origins <patterns>', 'origins whose pages may read answers: regular expressions, joined by commas (default: none)'],
      ['--kubelet-certificate-authority <file>', 'authority of the kubelets\' certificates'],
      ['--audit-log-path <file>', 'where the audit log goes (default: none is written)'],
      ['--audit-policy-file <file>', 'what of which requests is written (default: each request, without bodies)'],
      ['--audit-log-maxsize <megabytes>', 'length at which a new file is begun (default 100)'],
      ['--audit-log-maxbackup <count>', 'old files that are kept, 0 for all (default 100)'],
      ['--audit-log-maxage <days>', 'days after which an old file goes, 0 for never (default 366)'],
      ['--audit-log-format <format>', 'json or legacy (default json)'],
      ['--audit-webhook-config-file <file>', 'a kubeconfig that says which server is sent the audit log'],
      ['--audit-webhook-initial-backoff <duration>', 'before it is sent again what failed (default 10s)'],
      ...auditTarget('log', 'blocking', ['1', '0s', 'false']),
      ...auditTarget('webhook', 'batch', ['400', '30s', 'true']),
      ['--goaway-chance <fraction>', 'share of HTTP/2 requests whose connection ends after the answer, 0 to 0.02 (default 0)'],
      ['--profiling <bool>', 'offer profiles at /debug/pprof to those who may read that path (default true)'],
      ['--shutdown-delay-duration <duration>', 'how long to go on, with /readyz failing, after a signal to stop (default 0s)'],
      ['--max-requests-inflight <count>', 'reads that may run at once (default 400); with the next, seats of priority and fairness'],
      ['--max-mutating-requests-inflight <count>', 'writes that may run at once (default 200)'],
      ['--enable-priority-and-fairness <bool>', 'share these out by flow schemas and priority levels (default true)'],
      ['--requestheader-client-ca-file <file>', 'certificates that front proxies must be signed by'],
      ['--requestheader-allowed-names <names>', 'common names that a front proxy may have, joined by commas'],
      ['--requestheader-username-headers <names>', 'headers that name the user'],
      ['--requestheader-uid-headers <names>', 'headers that hold the user\'s uid'],
      ['--requestheader-group-headers <names>', 'headers that name the user\'s groups'],
      ['--requestheader-extra-headers-prefix <names>', 'beginnings of headers that say more of the user'],
      ['--proxy-client-cert-file <file>', 'certificate that aggregated API servers believe'],
      ['--proxy-client-key-file <file>', 'its key'],
      ['--enable-aggregator-routing <bool>', 'reach aggregated API servers and webhooks at their endpoints, not by their services\' addresses (default true)'],
      ['--kubelet-client-certificate <file>', 'certificate for the kubelets'],
      ['--kubelet-client-key <file>', 'its key'],
      ['--runtime-config <keys>', 'versions to serve or not, as api/all=true or resource.k8s.io/v1beta1=true'],
      ['--feature-gates <gates>', 'features to turn on or off, as CBORServingAndStorage=true'],
      ['--storage-media-type <type>', 'what new values in the store are written as: application/json (default without etcd) or application/vnd.kubernetes.protobuf (with etcd)'],
      ['--enable-admission-plugins <names>', 'admission plug-ins beside the default ones'],
      ['--disable-admission-plugins <names>', 'default admission plug-ins to leave out'],
      ['--etcd-servers <urls>', 'members of the etcd cluster that keeps the state, as https://host:2379,…'],
      ['--etcd-cafile <file>', 'authority of their certificates'],
      ['--etcd-certfile <file>', 'client certificate for etcd'],
      ['--etcd-keyfile <file>', 'its key'],
      ['--etcd-prefix <prefix>', 'what all keys begin with (default /registry)'],
      ['--etcd-compaction-interval <duration>', 'history older than this is forgotten; 0: by others (default 5m)'],
      ['--etcd-healthcheck-timeout <duration>', 'how long a health check waits for etcd (default 2s)'],
      ['--lease-reuse-duration-seconds <seconds>', 'how much longer than asked for a shared lease may live (default 60)'],
      ['--event-ttl <duration>', 'how long events are kept (default 1h)'],
      ['--endpoint-reconciler-type <type>', 'how the endpoints of default/kubernetes are kept: lease (default) or none'],
      ['--storage-backend <name>', 'etcd3, if it is named at all'],
      ['--etcd-servers-overrides <list>', 'not supported: named as an error'],
      ['--encryption-provider-config <file>', 'not supported: named as an error'],
      ['--v <level>', 'log level'],
    ],
  },
  {
    name: 'controller-manager',
    description: 'Run the controllers alone',
    flags: [
      ...common, ...leaderElection,
      ['--controllers <list>', '* for all, NAME or -NAME for some'],
      ['--root-ca-file <file>', 'certificate authority that every namespace gets'],
      ['--service-account-private-key-file <file>', 'key that signs tokens in secrets of service accounts; without it they get none'],
      ['--cluster-cidr <cidr>', 'addresses of pods, shared out to nodes'],
      ['--allocate-node-cidrs <bool>', 'give every node a share of --cluster-cidr'],
      ['--node-cidr-mask-size <bits>', 'size of a node\'s share (default 24)'],
      ['--service-cluster-ip-range <cidr>', 'addresses that no node may be given'],
      ['--node-monitor-grace-period <duration>', 'silence after which a node is Unknown (default 50s)'],
      ['--node-monitor-period <duration>', 'how often nodes are looked at (default 5s)'],
      ['--terminated-pod-gc-threshold <count>', 'ended pods that may stay (default 12500; 0: all)'],
      ['--node-cidr-mask-size-ipv4 <bits>', 'the same for IPv4'],
      ['--node-cidr-mask-size-ipv6 <bits>', 'the same for IPv6 (default 64)'],
      ['--node-startup-grace-period <duration>', 'how long a node may take to say that it is well (default 1m)'],
      ['--node-eviction-rate <rate>', 'nodes a second whose pods are driven out (default 0.1)'],
      ['--secondary-node-eviction-rate <rate>', 'the same where much of a large zone is down (default 0.01)'],
      ['--large-cluster-size-threshold <count>', 'a zone of more nodes is large (default 50)'],
      ['--unhealthy-zone-threshold <share>', 'share of nodes that are down from which a zone is (default 0.55)'],
      ['--horizontal-pod-autoscaler-sync-period <duration>', 'how often autoscalers look (default 15s)'],
      ['--horizontal-pod-autoscaler-tolerance <share>', 'how far off its target a metric may be (default 0.1)'],
      ['--horizontal-pod-autoscaler-downscale-stabilization <duration>', 'how long a lower count waits (default 5m)'],
      ['--horizontal-pod-autoscaler-cpu-initialization-period <duration>', 'how long a pod\'s use of processors may be that of starting (default 5m)'],
      ['--horizontal-pod-autoscaler-initial-readiness-delay <duration>', 'how long a pod that is not ready counts as starting (default 30s)'],
      ['--resource-quota-sync-period <duration>', 'how often quotas are counted anew (default 5m)'],
      ['--max-endpoints-per-slice <count>', 'endpoints in one EndpointSlice at most (default 100)'],
      ['--mirroring-max-endpoints-per-subset <count>', 'addresses that are mirrored of one subset (default 1000)'],
      ['--enable-garbage-collector <bool>', 'whether what has lost its owners is removed (default true)'],
      ['--kube-api-qps <count>', 'requests a second to the API server at most (default: no limit)'],
      ['--kube-api-burst <count>', 'requests that may come at once under that limit (default: as many as a second has)'],
      ['--cluster-signing-cert-file <file>', 'authority that signs certificate requests'],
      ['--cluster-signing-key-file <file>', 'its key'],
      ['--cluster-signing-duration <duration>', 'how long such certificates last at most (default 8760h)'],
      ['--legacy-service-account-token-clean-up-period <duration>', 'how long a token secret must be out of use to go (default 8760h)'],
      ['--use-service-account-credentials <bool>', 'each controller acts as its own service account (default false)'],
      ...concurrencyFlags.map((flag): [string, string] => [`--${flag} <count>`, 'objects that are seen to at once']),
      ['--bind-address <address>', 'address of /healthz, /metrics and /configz (default 127.0.0.1)'],
      ['--secure-port <port>', 'their port, TLS (default 10257; 0: do not serve them)'],
      ['--tls-cert-file <file>', 'serving certificate; without it one is made'],
      ['--tls-private-key-file <file>', 'its key'],
    ],
  },
  {
    name: 'scheduler',
    description: 'Run the scheduler alone',
    flags: [
      ...common, ...leaderElection,
      ['--config <file>', 'a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): profiles, plug-ins, extenders'],
      ['--plugin-module <files>', 'JavaScript or TypeScript modules with further plug-ins, which the configuration\'s profiles may name'],
      ['--bind-address <address>', 'address of /healthz, /metrics and /configz (default 127.0.0.1)'],
      ['--secure-port <port>', 'their port, TLS (default 10259; 0: do not serve them)'],
      ['--tls-cert-file <file>', 'serving certificate; without it one is made'],
      ['--tls-private-key-file <file>', 'its key'],
    ],
  },
  {
    name: 'kubelet',
    description: 'Run a kubelet alone, on a CRI runtime that is there',
    flags: [
      ...common,
      ['--container-runtime-endpoint <url>', 'unix:///run/containerd/containerd.sock'],
      ['--hostname-override <name>', 'the node\'s name'],
      ['--node-ip <address>', 'the node\'s address'],
      ['--root-dir <dir>', 'where volumes and the like are kept (default /var/lib/kubelet)'],
      ['--cluster-dns <addresses>', 'DNS servers of pods'],
      ['--cluster-domain <name>', 'domain of the cluster (default cluster.local)'],
      ['--client-ca-file <file>', 'authority of client certificates'],
      ['--tls-cert-file <file>', 'serving certificate'],
      ['--tls-private-key-file <file>', 'its key'],
      ['--pod-manifest-path <dir>', 'directory of static pods'],
      ['--node-labels <labels>', 'labels to register with'],
      ['--register-with-taints <taints>', 'taints to register with'],
      ['--max-pods <count>', 'pods at most (default 110)'],
      ['--cgroup-root <path>', 'cgroup below which pods run'],
      ['--port <port>', 'port of the kubelet\'s server (default 10250)'],
    ],
  },
  {
    name: 'proxy',
    description: 'Run the service proxy alone',
    flags: [
      ...common,
      ['--proxy-mode <mode>', 'iptables, nftables or auto'],
      ['--hostname-override <name>', 'the node\'s name'],
      ['--cluster-cidr <cidr>', 'addresses of pods'],
      ['--cleanup', 'remove the proxy\'s rules and end'],
    ],
  },
  {
    name: 'dns',
    description: 'Run the cluster\'s DNS alone',
    flags: [
      ...common,
      ['--bind-address <address>', 'address to listen on'],
      ['--port <port>', 'port to listen on (default 53)'],
      ['--cluster-domain <name>', 'domain of the cluster (default cluster.local)'],
      ['--upstreams <addresses>', 'servers for other names (default: those of /etc/resolv.conf)'],
      ['--allowed-cidrs <cidrs>', 'sources that get answers, beside loopback (default: all)'],
      ['--publish-as-node <name>', 'publish --bind-address as an endpoint of the Service kube-system/kube-dns, in the name of this node'],
    ],
  },
];

/** Internal: what `up` starts. Not shown in the help. */
const internal: readonly ComponentCommand[] = [
  { name: 'control-plane', description: 'Run the control plane of a data directory', flags: [['--data-dir <dir>', 'the data directory'], ['--v <level>', 'log level']] },
  { name: 'node', description: 'Run the agent of a node', flags: [['--data-dir <dir>', 'the data directory'], ['--name <name>', 'the node'], ['--v <level>', 'log level']] },
  { name: 'hollow-nodes', description: 'Run hollow nodes', flags: [['--data-dir <dir>', 'the data directory'], ['--v <level>', 'log level']] },
];

const kebab = (camel: string): string => camel.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function registerComponents(program: Command, operations: Operations): void {
  for (const [list, hidden] of [[components, false], [internal, true]] as const) {
    for (const component of list) {
      const command = program.command(component.name, { hidden }).description(component.description);
      for (const [flag, description] of component.flags) command.option(flag, description);
      command.option('--no-install', 'install nothing (for the launcher)');
      command.action(async (options: Record<string, string | boolean | undefined>) => {
        const flags: Record<string, string | undefined> = {};
        for (const [name, value] of Object.entries(options)) if (name !== 'install') flags[kebab(name)] = value === true ? 'true' : (value as string | undefined);
        await operations.component(component.name, flags);
      });
    }
  }
}
