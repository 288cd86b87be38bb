/** What a pod is promised, on real containers. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from './cluster.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'pods';

describe.skipIf(inject('skipped'))('pods', () => {
  let kubectl: Kubectl;
  const pod = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 1, restartPolicy: 'Never', ...spec } });
  const shell = (script: string, more: object = {}): object => ({ name: 'c', image, command: ['sh', '-c', script], ...more });
  const field = (name: string, path: string): Promise<string> => kubectl.must(['-n', namespace, 'get', 'pod', name, '-o', `jsonpath=${path}`]);
  const phase = (name: string, wanted: string): Promise<boolean> => eventually(`pod ${name} is ${wanted}`, async () => (await field(name, '{.status.phase}')) === wanted);
  const logs = (name: string, ...more: string[]): Promise<string> => kubectl.must(['-n', namespace, 'logs', name, ...more]);
  const run = async (name: string, spec: object, wanted = 'Succeeded'): Promise<string> => {
    await kubectl.apply(pod(name, spec), namespace);
    await phase(name, wanted);
    return logs(name, '-c', 'c');
  };

  beforeAll(async () => {
    kubectl = await Kubectl.shipped(sharedSandbox(inject('sandbox')));
    await kubectl.must(['create', 'namespace', namespace]);
    await eventually('the default service account', async () => (await kubectl.run(['-n', namespace, 'get', 'serviceaccount', 'default'])).code === 0);
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('environment from fields, resources, config maps and secrets', async () => {
    await kubectl.must(['-n', namespace, 'create', 'configmap', 'env', '--from-literal=KEY=from config']);
    await kubectl.must(['-n', namespace, 'create', 'secret', 'generic', 'env', '--from-literal=WORD=from secret']);
    const text = await run('environment', {
      containers: [shell('echo $NAME/$CPU/$KEY/$WORD/$JOINED/$KUBERNETES_SERVICE_HOST', {
        resources: { limits: { cpu: '500m', memory: '32Mi' } },
        env: [
          { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          { name: 'WORD', valueFrom: { secretKeyRef: { name: 'env', key: 'WORD' } } },
          { name: 'JOINED', value: '$(NAME)-x' },
        ],
        envFrom: [{ configMapRef: { name: 'env' } }],
      })],
    });
    expect(text).toBe('environment/500/from config/from secret/environment-x/10.96.0.1\n');
  });

  test('volumes: config map, secret, downward, projected token, empty and shared', async () => {
    const text = await run('volumes', {
      initContainers: [{ name: 'init', image, command: ['sh', '-c', 'echo from init > /shared/file'], volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }],
      containers: [shell('cat /config/KEY; echo; cat /secret/WORD; echo; cat /down/labels; echo; cat /shared/file; stat -c %a /secret/..data/WORD; test -s /var/run/secrets/kubernetes.io/serviceaccount/token && echo token; mount | grep -c "/memory type tmpfs"', {
        volumeMounts: [{ name: 'config', mountPath: '/config' }, { name: 'secret', mountPath: '/secret' }, { name: 'down', mountPath: '/down' }, { name: 'shared', mountPath: '/shared' }, { name: 'memory', mountPath: '/memory' }],
      })],
      volumes: [
        { name: 'config', configMap: { name: 'env' } }, { name: 'secret', secret: { secretName: 'env', defaultMode: 0o400 } },
        { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { name: 'shared', emptyDir: {} }, { name: 'memory', emptyDir: { medium: 'Memory' } },
      ],
    });
    expect(text).toBe('from config\nfrom secret\nvolumes\nfrom init\n400\ntoken\n1\n');
  });

  test('a config map volume follows its config map', async () => {
    await kubectl.must(['-n', namespace, 'create', 'configmap', 'live', '--from-literal=a=one']);
    await kubectl.apply(pod('follower', { containers: [shell('sleep 3600', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })], volumes: [{ name: 'v', configMap: { name: 'live' } }] }), namespace);
    await phase('follower', 'Running');
    await kubectl.must(['-n', namespace, 'patch', 'configmap', 'live', '-p', '{"data":{"a":"two"}}']);
    await eventually('the file follows', async () => (await kubectl.must(['-n', namespace, 'exec', 'follower', '--', 'cat', '/v/a'])) === 'two', 120_000);
  });

  test('a pod whose config map comes later starts as soon as it is there', async () => {
    await kubectl.apply(pod('patient', { containers: [shell('echo "$(cat /v/a)"; sleep 3600', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })], volumes: [{ name: 'v', configMap: { name: 'later' } }] }), namespace);
    await eventually('it is told', async () => (await kubectl.must(['-n', namespace, 'get', 'events', '--field-selector', 'involvedObject.name=patient'])).includes('configmap "later" not found'));
    await kubectl.must(['-n', namespace, 'create', 'configmap', 'later', '--from-literal=a=here']);
    await phase('patient', 'Running');
    await eventually('its log', async () => (await logs('patient')) === 'here\n');
  });

  test('limits reach the cgroup', async () => {
    const text = await run('limits', { containers: [shell('cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max', { resources: { limits: { memory: '48Mi', cpu: '200m' } } })] });
    expect(text.trim()).toBe(String(48 * 2 ** 20));
  });

  test('a container that fails is restarted, with a growing wait', async () => {
    await kubectl.apply(pod('crashes', { restartPolicy: 'Always', containers: [shell('exit 3')] }), namespace);
    await eventually('it waits', async () => (await field('crashes', '{.status.containerStatuses[0].state.waiting.reason}')) === 'CrashLoopBackOff');
    expect(await field('crashes', '{.status.containerStatuses[0].lastState.terminated.exitCode}')).toBe('3');
    await eventually('it was restarted', async () => Number(await field('crashes', '{.status.containerStatuses[0].restartCount}')) >= 2);
  });

  test('liveness restarts, readiness holds traffic back', async () => {
    await kubectl.apply(pod('probed', {
      restartPolicy: 'Always',
      containers: [shell('touch /tmp/ok; sleep 3; rm /tmp/ok; sleep 3600', {
        livenessProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 1, failureThreshold: 1 }, readinessProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 1 },
      })],
    }), namespace);
    await eventually('it is ready', async () => (await field('probed', '{.status.conditions[?(@.type=="Ready")].status}')) === 'True');
    await eventually('it is restarted', async () => Number(await field('probed', '{.status.containerStatuses[0].restartCount}')) >= 1);
    expect(await kubectl.must(['-n', namespace, 'get', 'events', '--field-selector', 'involvedObject.name=probed,reason=Unhealthy', '-o', 'name'])).not.toBe('');
  });

  test('a failed container tells its last words', async () => {
    await kubectl.apply(pod('words', { containers: [shell('echo last words > /dev/termination-log; exit 4')] }), namespace);
    await phase('words', 'Failed');
    expect(await field('words', '{.status.containerStatuses[0].state.terminated.message}')).toBe('last words\n');
  });

  test('an image that cannot be had, and a config map that is missing, say so', async () => {
    await kubectl.apply(pod('no-image', { containers: [{ name: 'c', image: 'kubets.local/nothing:1', imagePullPolicy: 'Never' }] }), namespace);
    await eventually('ErrImageNeverPull', async () => (await field('no-image', '{.status.containerStatuses[0].state.waiting.reason}')) === 'ErrImageNeverPull');
    await kubectl.apply(pod('no-config', { containers: [shell('true', { envFrom: [{ configMapRef: { name: 'absent' } }] })] }), namespace);
    await eventually('CreateContainerConfigError', async () => (await field('no-config', '{.status.containerStatuses[0].state.waiting.reason}')) === 'CreateContainerConfigError');
    expect(await field('no-config', '{.status.containerStatuses[0].state.waiting.message}')).toContain('configmap "absent" not found');
  });

  test('a terminating pod gets its grace period', async () => {
    await kubectl.apply(pod('graceful', { terminationGracePeriodSeconds: 20, containers: [shell('trap "echo asked; sleep 1; exit 0" TERM; while true; do sleep 0.1; done')] }), namespace);
    await phase('graceful', 'Running');
    const started = Date.now();
    await kubectl.must(['-n', namespace, 'delete', 'pod', 'graceful']);
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(Date.now() - started).toBeGreaterThan(900);
  });

  test('an unschedulable pod is told why', async () => {
    await kubectl.apply(pod('too-large', { containers: [shell('true', { resources: { requests: { cpu: '1000' } } })] }), namespace);
    await eventually('the condition', async () => (await field('too-large', '{.status.conditions[?(@.type=="PodScheduled")].message}')).includes('0/1 nodes are available: 1 Insufficient cpu'));
  });
});
