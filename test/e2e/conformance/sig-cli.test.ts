/** The conformance requirements of sig-cli: the kubectl that npm ships against real containers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from '../cluster.ts';
import type { Sandbox } from '../sandbox.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'sig-cli';

const server = 'mkdir -p /tmp/www; hostname > /tmp/www/index.html; echo started; exec httpd -f -p 6379 -h /tmp/www';
const podSpec = (command: string[]): object => ({ terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image, command, ports: [{ name: 'server', containerPort: 6379 }] }] });
const controller = (name: string, replicas: number): object => ({
  apiVersion: 'v1', kind: 'ReplicationController', metadata: { name, labels: { app: name } },
  spec: { replicas, selector: { app: name }, template: { metadata: { labels: { app: name, role: 'primary' } }, spec: podSpec(['sh', '-c', server]) } },
});
const pod = (name: string, labels: Record<string, string> = {}, command = ['sleep', '36000']): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: podSpec(command) });

describe.skipIf(inject('skipped'))('sig-cli', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const started: ChildProcess[] = [];
  const within = (...args: string[]): string[] => ['-n', namespace, ...args];
  const get = (...args: string[]): Promise<string> => kubectl.must(within('get', ...args));
  const running = (app: string, count: number): Promise<boolean> => eventually(`${count} running of ${app}`, async () => {
    const phases = (await get('pods', '-l', `app=${app}`, '-o', 'jsonpath={range .items[?(@.metadata.deletionTimestamp=="")]}{.status.phase} {end}')).trim();
    const alive = (await get('pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].status.phase}')).split(' ').filter(Boolean);
    return (phases === '' || phases.split(' ').every((phase) => phase === 'Running')) && alive.length === count && alive.every((phase) => phase === 'Running');
  });
  const ready = (name: string): Promise<string> => kubectl.must(within('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s'));
  const proxy = async (flags: string[], announced: RegExp): Promise<RegExpExecArray> => {
    const child = sandbox.start(kubectl.program, ['proxy', ...flags], kubectl.env);
    started.push(child);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    return eventually(`the proxy says ${String(announced)}`, async () => announced.exec(said) ?? undefined, 20_000);
  };

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
  });
  afterAll(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]', async () => {
    expect((await kubectl.must(['api-versions'])).split('\n')).toContain('v1');
  });

  test('[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]', async () => {
    const text = (await kubectl.must(['cluster-info'])).replaceAll('\u001B', '').replaceAll(/\[\d[\d;]*m/g, '');
    expect(text).toMatch(/Kubernetes control plane is running at https:\/\/10\.99\.0\.2:6443/);
  });

  test('[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]', async () => {
    const version = JSON.parse(await kubectl.must(['version', '-o', 'json'])) as Record<'clientVersion' | 'serverVersion', Record<string, string>>;
    for (const side of ['clientVersion', 'serverVersion'] as const) for (const field of ['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform']) expect([side, field, version[side][field]]).toEqual([side, field, expect.stringMatching(/./)]);
    expect(version.serverVersion['minor']).toBe('36');
  });

  test('[sig-cli] Kubectl client Update Demo should create and stop a replication controller [Conformance]', async () => {
    await kubectl.apply(controller('demo', 2), namespace);
    await running('demo', 2);
    await kubectl.must(within('delete', 'rc', 'demo', '--timeout=60s'));
    await eventually('its pods go', async () => (await get('pods', '-l', 'app=demo', '-o', 'name')) === '');
  });

  test('[sig-cli] Kubectl client Update Demo should scale a replication controller [Conformance]', async () => {
    await kubectl.apply(controller('scaled', 2), namespace);
    await running('scaled', 2);
    await kubectl.must(within('scale', 'rc', 'scaled', '--replicas=1', '--timeout=1m'));
    await running('scaled', 1);
    await kubectl.must(within('scale', 'rc', 'scaled', '--replicas=2', '--timeout=1m'));
    await running('scaled', 2);
    await kubectl.must(within('delete', 'rc', 'scaled'));
  });

  test('[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]', async () => {
    // A store behind a Service; a front end that writes into it and reads from it by the Service's name.
    const store = 'mkdir -p /tmp/www/cgi-bin; printf \'#!/bin/sh\\nprintf "Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n"; if [ -n "$QUERY_STRING" ]; then echo "$QUERY_STRING" >> /tmp/entries; fi; cat /tmp/entries 2>/dev/null\\n\' > /tmp/www/cgi-bin/book; chmod +x /tmp/www/cgi-bin/book; exec httpd -f -p 6379 -h /tmp/www';
    const deployment = (name: string, replicas: number, command: string): object => ({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
      spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec(['sh', '-c', command]) } },
    });
    await kubectl.apply(deployment('book-store', 1, store), namespace);
    await kubectl.apply(deployment('front', 3, server), namespace);
    await kubectl.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'book-store' }, spec: { selector: { app: 'book-store' }, ports: [{ port: 6379 }] } }, namespace);
    for (const name of ['book-store', 'front']) await kubectl.must(within('rollout', 'status', `deployment/${name}`, '--timeout=90s'));
    const book = async (query: string): Promise<string> => (await kubectl.run(within('exec', 'deploy/front', '--', 'timeout', '5', 'wget', '-q', '-O', '-', `http://book-store:6379/cgi-bin/book${query}`))).stdout;
    await eventually('the front end reaches the store', async () => (await book('?messages=TestEntry')).includes('TestEntry'));
    expect(await book('')).toContain('messages=TestEntry');
    await kubectl.must(within('delete', 'deployment/front', 'deployment/book-store', 'service/book-store'));
    await eventually('all is gone', async () => (await get('pods', '-l', 'app in (front,book-store)', '-o', 'name')) === '');
  });

  test('[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]', async () => {
    await kubectl.apply(controller('told', 1), namespace);
    await kubectl.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'told', labels: { app: 'told' } }, spec: { selector: { app: 'told' }, ports: [{ port: 6379, targetPort: 'server' }] } }, namespace);
    await running('told', 1);
    const name = await get('pods', '-l', 'app=told', '-o', 'jsonpath={.items[0].metadata.name}');
    const pods = await kubectl.must(within('describe', 'pod', name));
    for (const line of [/^Name:\s+told-/m, /^Namespace:\s+sig-cli$/m, /^Node:\s+node-1/m, /^Labels:\s+app=told$/m, /^\s+role=primary$/m, /^Status:\s+Running$/m, /^IP:\s+10\.244\./m, /^Controlled By:\s+ReplicationController\/told$/m, /^\s+Image:\s+kubets\.local\/busybox:1$/m, /^\s+State:\s+Running$/m, /^QoS Class:\s+BestEffort$/m]) expect(pods).toMatch(line);
    const rc = await kubectl.must(within('describe', 'rc', 'told'));
    for (const line of [/^Name:\s+told$/m, /^Selector:\s+app=told$/m, /^Replicas:\s+1 current \/ 1 desired$/m, /^Pods Status:\s+1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m, /^Events:$/m]) expect(rc).toMatch(line);
    const service = await eventually('the endpoints are told', async () => {
      const text = await kubectl.must(within('describe', 'service', 'told'));
      return /^Endpoints:\s+10\.244\.\d+\.\d+:6379$/m.test(text) ? text : undefined;
    });
    for (const line of [/^Type:\s+ClusterIP$/m, /^IP:\s+10\.96\./m, /^Port:\s+<unset>\s+6379\/TCP$/m, /^Session Affinity:\s+None$/m]) expect(service).toMatch(line);
    const node = await kubectl.must(['describe', 'node', 'node-1']);
    for (const line of [/^Name:\s+node-1$/m, /^Labels:/m, /^CreationTimestamp:/m, /^Conditions:/m, /MemoryPressure/, /PIDPressure/, /Ready/, /^Addresses:/m, /^Capacity:/m, /Kubelet Version:\s+v1\.36/]) expect(node).toMatch(line);
    const described = await kubectl.must(['describe', 'namespace', namespace]);
    expect(described).toMatch(/^Name:\s+sig-cli$/m);
    expect(described).toMatch(/^Status:\s+Active$/m);
  });

  test('[sig-cli] Kubectl client Kubectl expose should create services for rc [Conformance]', async () => {
    await kubectl.must(within('expose', 'rc', 'told', '--name=rm2', '--port=1234', '--target-port=6379'));
    await kubectl.must(within('expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379'));
    for (const [name, port] of [['rm2', 1234], ['rm3', 2345]] as const) {
      expect(await get('service', name, '-o', 'jsonpath={.spec.ports[0].port} {.spec.ports[0].targetPort}')).toBe(`${port} 6379`);
      await eventually(`${name} has the endpoint`, async () => /:?6379/.test(await get('endpointslices', '-l', `kubernetes.io/service-name=${name}`, '-o', 'jsonpath={.items[*].ports[*].port}/{.items[*].endpoints[*].addresses[0]}')) && (await get('endpointslices', '-l', `kubernetes.io/service-name=${name}`, '-o', 'jsonpath={.items[*].endpoints[*].addresses[0]}')) !== '');
      const ip = await get('service', name, '-o', 'jsonpath={.spec.clusterIP}');
      await eventually(`${name} answers`, async () => (await sandbox.run('timeout', ['5', '/bin/busybox', 'wget', '-q', '-O', '-', `http://${ip}:${port}/`])).stdout.startsWith('told-'));
    }
  });

  test('[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]', async () => {
    const names = (await get('pods', '-l', 'app=told', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    for (const name of names) await kubectl.must(within('patch', 'pod', name, '-p', '{"metadata":{"annotations":{"x":"y"}}}'));
    for (const name of names) expect(await get('pod', name, '-o', 'jsonpath={.metadata.annotations.x}')).toBe('y');
  });

  test('[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]', async () => {
    await kubectl.apply(pod('labelled', { name: 'labelled' }), namespace);
    await ready('labelled');
    await kubectl.must(within('label', 'pods', 'labelled', 'testing-label=testing-label-value'));
    expect(await get('pod', 'labelled', '-L', 'testing-label')).toContain('testing-label-value');
    expect(await get('pods', '-l', 'testing-label=testing-label-value', '-o', 'name')).toBe('pod/labelled\n');
    await kubectl.must(within('label', 'pods', 'labelled', 'testing-label-'));
    expect(await get('pod', 'labelled', '-L', 'testing-label')).not.toContain('testing-label-value');
    expect(await get('pods', '-l', 'testing-label', '-o', 'name')).toBe('');
  });

  test('[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]', async () => {
    const deployment = (which: string): string => JSON.stringify({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'differs' },
      spec: { replicas: 0, selector: { matchLabels: { app: 'differs' } }, template: { metadata: { labels: { app: 'differs' } }, spec: { containers: [{ name: 'c', image: which }] } } },
    });
    await kubectl.apply(deployment(image), namespace);
    const same = await kubectl.run(within('diff', '-f', '-'), { input: deployment(image) });
    expect([same.code, same.stdout]).toEqual([0, '']);
    const differs = await kubectl.run(within('diff', '-f', '-'), { input: deployment('registry.example/other:2') });
    expect(differs.code).toBe(1);
    expect(differs.stdout).toMatch(/^-\s+- image: kubets\.local\/busybox:1$/m);
    expect(differs.stdout).toMatch(/^\+\s+- image: registry\.example\/other:2$/m);
    await kubectl.must(within('delete', 'deployment', 'differs'));
  });

  test('[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never [Conformance]', async () => {
    await kubectl.must(within('run', 'once', `--image=${image}`, '--restart=Never', '--', 'true'));
    expect(await get('pod', 'once', '-o', 'jsonpath={.spec.restartPolicy} {.spec.containers[*].image}')).toBe(`Never ${image}`);
    await eventually('it has run', async () => (await get('pod', 'once', '-o', 'jsonpath={.status.phase}')) === 'Succeeded');
  });

  test('[sig-cli] Kubectl client Kubectl replace should update a single-container pod\'s image [Conformance]', async () => {
    await kubectl.must(within('run', 'replaced', `--image=${image}`, '--labels=run=replaced', '--', 'sleep', '36000'));
    await ready('replaced');
    const object = await kubectl.json<{ spec: { containers: { image: string }[] } }>(within('get', 'pod', 'replaced'));
    object.spec.containers[0]!.image = 'kubets.local/busybox';
    await kubectl.must(within('replace', '-f', '-'), { input: JSON.stringify(object) });
    expect(await get('pod', 'replaced', '-o', 'jsonpath={.spec.containers[0].image}')).toBe('kubets.local/busybox');
    // By force it is deleted and made anew.
    const file = join(sandbox.directory, 'replaced.json');
    const before = await get('pod', 'replaced', '-o', 'jsonpath={.metadata.uid}');
    writeFileSync(file, JSON.stringify(pod('replaced', { run: 'replaced' })));
    await kubectl.must(within('replace', '--force', '--grace-period=0', '-f', file));
    await ready('replaced');
    expect(await get('pod', 'replaced', '-o', 'jsonpath={.spec.containers[0].image}')).toBe(image);
    expect(await get('pod', 'replaced', '-o', 'jsonpath={.metadata.uid}')).not.toBe(before);
  });

  test('[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]', async () => {
    await kubectl.must(within('run', 'dry', `--image=${image}`, '--labels=run=dry', '--', 'sleep', '36000'));
    const patched = await kubectl.must(within('patch', 'pod', 'dry', '-p', '{"spec":{"containers":[{"name":"dry","image":"registry.example/other:2"}]}}', '--dry-run=server', '-o', 'jsonpath={.spec.containers[0].image}'));
    expect(patched).toBe('registry.example/other:2');
    expect(await get('pod', 'dry', '-o', 'jsonpath={.spec.containers[0].image}')).toBe(image);
  });

  test('[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]', async () => {
    await kubectl.apply(pod('logger', {}, ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; sleep 36000']), namespace);
    await ready('logger');
    const logs = (...flags: string[]): Promise<string> => kubectl.must(within('logs', 'logger', ...flags));
    await eventually('all lines are written', async () => (await logs()).endsWith('line 10\n'));
    expect((await logs()).split('\n')).toHaveLength(11);
    expect(await logs('--tail=1')).toBe('line 10\n');
    expect(await logs('--limit-bytes=1')).toBe('l');
    const [stamp, ...rest] = (await logs('--tail=1', '--timestamps')).split(' ');
    expect(rest.join(' ')).toBe('line 10\n');
    expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    const since = await eventually('a second has passed', async () => ((await logs('--since=1s')) === '' ? '' : undefined));
    expect(since).toBe('');
    expect(await logs('--since=24h')).toBe(await logs());
  });

  test('[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]', async () => {
    const [, port] = await proxy(['--port=0', '--disable-filter'], /Starting to serve on 127\.0\.0\.1:(\d+)/);
    const answer = await eventually('it answers', async () => JSON.parse((await sandbox.run('/bin/busybox', ['wget', '-q', '-O', '-', `http://127.0.0.1:${port}/api/`])).stdout) as { versions: string[] });
    expect(answer.versions).toEqual(['v1']);
  });

  test('[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]', async () => {
    const path = join(sandbox.directory, 'kubectl-proxy.sock');
    await proxy([`--unix-socket=${path}`], /Starting to serve on /);
    const asked = await eventually('it answers', async () => {
      const result = await sandbox.run('socat', ['-t', '5', '-', `UNIX-CONNECT:${path}`], { input: 'GET /api HTTP/1.0\r\nHost: localhost\r\n\r\n' });
      return result.stdout.includes('"versions"') ? result.stdout : undefined;
    });
    expect(asked).toMatch(/^HTTP\/1\.\d 200/);
  });
});
