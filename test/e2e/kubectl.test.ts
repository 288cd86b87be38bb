import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from './cluster.ts';
import type { Sandbox } from './sandbox.ts';

const skipped = inject('skipped');
const image = 'kubets.local/busybox:1';

const web = (name: string, replicas = 2, text = 'one'): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels: { app: name } },
  spec: {
    replicas, selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{
          name: 'web', image, command: ['sh', '-c', `mkdir -p /tmp/www; echo ${text} > /tmp/www/index.html; echo started ${text}; exec httpd -f -p 8080 -h /tmp/www`],
          ports: [{ name: 'http', containerPort: 8080 }], readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 1 },
        }],
      },
    },
  },
});

/** The kubectl that npm ships, and the one of the system where there is one. */
const programs: [string, 'shipped' | 'system'][] = existsSync('/usr/bin/kubectl') ? [['kubectl of npm', 'shipped'], ['kubectl of the system', 'system']] : [['kubectl of npm', 'shipped']];

describe.skipIf(skipped).each(programs)('%s', (_name, which) => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const namespace = `kubectl-${which}`;
  const inNamespace = (...args: string[]): string[] => ['-n', namespace, ...args];

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = which === 'shipped' ? await Kubectl.shipped(sandbox) : new Kubectl(sandbox, '/usr/bin/kubectl');
    await kubectl.must(['create', 'namespace', namespace]);
    await kubectl.apply(web('web'), namespace);
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/web', '--timeout=60s'));
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('get prints tables', async () => {
    expect(await kubectl.must(inNamespace('get', 'deployments'))).toMatch(/NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2\s+\d+s/);
    expect(await kubectl.must(inNamespace('get', 'pods', '-o', 'wide'))).toMatch(/web-\S+\s+1\/1\s+Running\s+0\s+\d+s\s+10\.244\.0\.\d+\s+node-1/);
    expect(await kubectl.must(['get', 'nodes'])).toMatch(/node-1\s+Ready\s+control-plane\s+\S+\s+v1\.36/);
    expect(await kubectl.must(inNamespace('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}'))).toBe('Running Running');
  });

  test('describe tells of events', async () => {
    const text = await kubectl.must(inNamespace('describe', 'deployment', 'web'));
    expect(text).toMatch(/Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available/);
    expect(text).toContain('ScalingReplicaSet');
    const pods = await kubectl.must(inNamespace('describe', 'pods', '-l', 'app=web', '--show-events=true'));
    expect(pods).toContain('Successfully assigned');
    expect(pods).toMatch(/Container started/);
  });

  test('apply changes, and tells when nothing changed', async () => {
    expect(await kubectl.apply(web('web'), namespace)).toContain('deployment.apps/web unchanged');
    expect(await kubectl.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1', b: '2' } }, namespace)).toContain('configmap/c created');
    expect(await kubectl.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '3' } }, namespace)).toContain('configmap/c configured');
    expect(await kubectl.must(inNamespace('get', 'configmap', 'c', '-o', 'jsonpath={.data}'))).toBe('{"a":"3"}');
  });

  test('server-side apply owns fields, and names conflicts', async () => {
    const configMap = (value: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { key: value } });
    const apply = (manager: string, value: string, ...more: string[]) => kubectl.run(inNamespace('apply', '--server-side', '--field-manager', manager, ...more, '-f', '-'), { input: configMap(value) });
    expect((await apply('one', 'a')).stdout).toContain('serverside-applied');
    const refused = await apply('two', 'b');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/conflict with "one".*\.data\.key/s);
    expect((await apply('two', 'b', '--force-conflicts')).code).toBe(0);
  });

  test('create, label, patch, edit', async () => {
    await kubectl.must(inNamespace('create', 'configmap', 'made', '--from-literal=x=1'));
    await kubectl.must(inNamespace('label', 'configmap', 'made', 'colour=red'));
    expect(await kubectl.must(inNamespace('get', 'configmaps', '-l', 'colour=red', '-o', 'name'))).toBe('configmap/made\n');
    await kubectl.must(inNamespace('patch', 'configmap', 'made', '-p', '{"data":{"x":"2"}}'));
    await kubectl.must(inNamespace('edit', 'configmap', 'made'), { env: { EDITOR: 'sed -i s/x:/z:/' } });
    expect(await kubectl.must(inNamespace('get', 'configmap', 'made', '-o', 'jsonpath={.data.z}'))).toBe('2');
  });

  test('scale, rollout, undo', async () => {
    await kubectl.apply(web('roll', 1), namespace);
    await kubectl.must(inNamespace('scale', 'deployment/roll', '--replicas=3'));
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/roll', '--timeout=60s'));
    expect(await kubectl.must(inNamespace('get', 'deployment', 'roll', '-o', 'jsonpath={.status.readyReplicas}'))).toBe('3');
    await kubectl.apply(web('roll', 3, 'two'), namespace);
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/roll', '--timeout=90s'));
    expect(await kubectl.must(inNamespace('rollout', 'history', 'deployment/roll'))).toMatch(/1\s+<none>\n2\s+<none>/);
    await kubectl.must(inNamespace('rollout', 'undo', 'deployment/roll'));
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/roll', '--timeout=90s'));
    expect(await kubectl.must(inNamespace('get', 'deployment', 'roll', '-o', 'jsonpath={.spec.template.spec.containers[0].command[2]}'))).toContain('echo one');
    await kubectl.must(inNamespace('delete', 'deployment', 'roll'));
  });

  test('logs, followed', async () => {
    const pod = (await kubectl.must(inNamespace('get', 'pods', '-l', 'app=web', '-o', 'name'))).split('\n')[0]!;
    expect(await kubectl.must(inNamespace('logs', pod))).toBe('started one\n');
    await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ticks' }, spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image, command: ['sh', '-c', 'for i in 1 2 3 4 5; do echo tick $i; sleep 0.3; done'] }] } }, namespace);
    await eventually('the pod starts', async () => (await kubectl.run(inNamespace('get', 'pod', 'ticks', '-o', 'jsonpath={.status.phase}'))).stdout !== 'Pending');
    expect(await kubectl.must(inNamespace('logs', '-f', 'ticks'), { timeoutMs: 20_000 })).toBe('tick 1\ntick 2\ntick 3\ntick 4\ntick 5\n');
  });

  test('exec, with and without a terminal', async () => {
    expect(await kubectl.must(inNamespace('exec', 'deploy/web', '--', 'cat', '/tmp/www/index.html'))).toBe('one\n');
    expect(await kubectl.must(inNamespace('exec', '-i', 'deploy/web', '--', 'sh', '-c', 'read line; echo got $line'), { input: 'a line\n' })).toBe('got a line\n');
    const failed = await kubectl.run(inNamespace('exec', 'deploy/web', '--', 'sh', '-c', 'exit 7'));
    expect(failed.code).toBe(7);
    const terminal = await sandbox.run('script', ['-qec', `${kubectl.program} -n ${namespace} exec -it deploy/web -- sh -c "tty; echo done"`, '/dev/null'], { env: kubectl.env, timeoutMs: 20_000 });
    expect(terminal.stdout).toMatch(/\/dev\/pts\/\d+[\s\S]*done/);
  });

  test.runIf(which === 'shipped')('exec and port-forward are WebSockets, with nothing fallen back to', async () => {
    const { code, stdout, stderr } = await kubectl.run(inNamespace('exec', '-v=6', '-i', 'deploy/web', '--', 'sh', '-c', 'cat; exit 5'), { input: 'to the end\n' });
    expect([code, stdout]).toEqual([5, 'to the end\n']);
    expect(stderr).toMatch(/verb="GET" url="[^"]*\/exec\?[^"]*" status="101 /);
    expect(stderr).not.toMatch(/fall(?:ing)? ?back/i);
    const forward = sandbox.start(kubectl.program, ['-v=6', '-n', namespace, 'port-forward', 'deploy/web', '18082:8080'], kubectl.env);
    let said = '';
    forward.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    try {
      await eventually('the forwarded port answers', async () => (await sandbox.run('/bin/busybox', ['wget', '-q', '-O', '-', 'http://127.0.0.1:18082/'])).stdout === 'one\n', 20_000);
      expect(said).toMatch(/verb="GET" url="[^"]*\/portforward[^"]*" status="101 /);
      expect(said).not.toMatch(/fall(?:ing)? ?back/i);
    } finally {
      forward.kill('SIGTERM');
    }
  });

  test('cp both ways', async () => {
    const pod = (await kubectl.must(inNamespace('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')));
    const [here, back] = [join(sandbox.directory, 'here.txt'), join(sandbox.directory, `back-${which}.txt`)];
    writeFileSync(here, 'carried\n');
    await kubectl.must(inNamespace('cp', here, `${pod}:/tmp/there.txt`));
    await kubectl.must(inNamespace('cp', `${pod}:/tmp/there.txt`, back));
    expect(readFileSync(back, 'utf8')).toBe('carried\n');
  });

  test('port-forward', async () => {
    const port = which === 'shipped' ? 18_080 : 18_081;
    const forward = sandbox.start(kubectl.program, ['-n', namespace, 'port-forward', 'deploy/web', `${port}:8080`], kubectl.env);
    try {
      const page = await eventually('the forwarded port answers', async () => {
        const result = await sandbox.run('/bin/busybox', ['wget', '-q', '-O', '-', `http://127.0.0.1:${port}/`]);
        return result.code === 0 ? result.stdout : undefined;
      }, 20_000);
      expect(page).toBe('one\n');
    } finally {
      forward.kill('SIGTERM');
    }
  });

  test('explain, api-resources, auth can-i, top', async () => {
    expect(await kubectl.must(['explain', 'pod.spec.containers.image'])).toMatch(/FIELD:\s+image <string>/);
    const resources = await kubectl.must(['api-resources']);
    for (const name of ['pods', 'deployments', 'endpointslices', 'clusterroles']) expect(resources).toContain(name);
    expect(await kubectl.must(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n');
    const refused = await kubectl.run(['auth', 'can-i', 'create', 'pods', '--as', 'nobody']);
    expect(refused.stdout).toBe('no\n');
    expect(await kubectl.must(['top', 'nodes'])).toMatch(/^NAME\s+CPU\(cores\)[^\n]*MEMORY[^\n]*\nnode-1\s+\d+m\s/);
  });

  test('wait and delete', async () => {
    await kubectl.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image, command: ['true'] }] } } } }, namespace);
    await kubectl.must(inNamespace('wait', '--for=condition=complete', 'job/once', '--timeout=60s'));
    await kubectl.must(inNamespace('delete', 'job', 'once'));
    await eventually('its pods go', async () => (await kubectl.must(inNamespace('get', 'pods', '-l', 'job-name=once', '-o', 'name'))) === '');
  });

  test('bad manifests get the field, the value and the rule, and exit code 1', async () => {
    const apply = (object: object) => kubectl.run(inNamespace('apply', '-f', '-'), { input: JSON.stringify(object) });
    const wrongField = await apply({ ...web('bad'), spec: { ...(web('bad') as { spec: object }).spec, replica: 1 } });
    expect([wrongField.code, wrongField.stderr]).toEqual([1, expect.stringContaining('unknown field "spec.replica"')]);
    const wrongType = await apply({ ...web('bad'), spec: { ...(web('bad') as { spec: object }).spec, replicas: 'two' } });
    expect(wrongType.code).toBe(1);
    expect(wrongType.stderr).toMatch(/replicas/);
    const wrongName = await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Not_Valid' } });
    expect(wrongName.code).toBe(1);
    expect(wrongName.stderr).toMatch(/metadata\.name: Invalid value: "Not_Valid": a lowercase RFC 1123 subdomain must consist of/);
  });
});
