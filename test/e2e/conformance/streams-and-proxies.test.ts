/** The conformance requirements on what goes through the API server to real containers: WebSockets and proxies. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, root, sharedSandbox } from '../cluster.ts';
import type { Sandbox } from '../sandbox.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'streams';
const base = `/api/v1/namespaces/${namespace}`;

/** Answers any method with what was asked, as JSON; `/page` is a page with a link from the root. */
const echo = `cat > /tmp/answer.sh <<'SCRIPT'
read -r method path version
length=0
while read -r name value && [ "$name" != "$(printf '\\r')" ]; do
  case "$name" in [Cc]ontent-[Ll]ength:) length=$(printf %s "$value" | tr -d '\\r') ;; esac
done
[ "$length" -gt 0 ] && head -c "$length" > /dev/null
type=application/json
body="{\\"Method\\":\\"$method\\",\\"Path\\":\\"$path\\"}"
if [ "$path" = /page ]; then type=text/html; body='<a href="/rewriteme">test</a>'; fi
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: %s\\r\\nConnection: close\\r\\nContent-Length: %s\\r\\n\\r\\n' "$type" "\${#body}"
[ "$method" = HEAD ] || printf %s "$body"
SCRIPT
exec nc -ll -p 8080 -e sh /tmp/answer.sh`;

interface Heard { protocol: string; code: number; messages: { binary: boolean; data: string }[] }
interface Answer { status: number; location?: string; text: string }

describe.skipIf(inject('skipped'))('streams and proxies', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const script = (name: string, ...args: string[]): Promise<string> =>
    sandbox.must(process.execPath, ['--no-warnings', join(root, 'test/e2e/conformance', name), ...args], { env: kubectl.env, timeoutMs: 60_000 });
  const webSocket = async (path: string, protocol: string, enough = 0): Promise<Heard> => JSON.parse(await script('web-socket.script.ts', path, protocol, String(enough))) as Heard;
  const ask = async (...requests: [method: string, path: string][]): Promise<Answer[]> => JSON.parse(await script('request.script.ts', ...requests.flat())) as Answer[];
  const runs = async (name: string, command: string, labels: Record<string, string> = {}): Promise<void> => {
    const container = { name: 'c', image, command: ['sh', '-c', command], ports: [{ name: 'dest1', containerPort: 8080 }] };
    await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } }, namespace);
    await kubectl.must(['-n', namespace, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s']);
  };
  /** The messages of a channel, joined; the first byte of each message is its channel's number. */
  const channel = ({ messages }: Heard, number: number): string =>
    messages.map(({ data }) => Buffer.from(data, 'base64')).filter((data) => data[0] === number).map((data) => data.subarray(1).toString()).join('');

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
    await runs('echo', echo, { app: 'echo' });
    await kubectl.apply({
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo' },
      spec: { selector: { app: 'echo' }, ports: [{ name: 'portname1', port: 80, targetPort: 'dest1' }, { name: 'portname2', port: 81, targetPort: 8080 }] },
    }, namespace);
    // One port without a name is what a service's name alone leads to.
    await kubectl.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'plain' }, spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 8080 }] } }, namespace);
    for (const service of ['echo:portname1', 'echo:portname2', 'plain']) await eventually('the service has an endpoint', async () => (await ask(['GET', `${base}/services/${service}/proxy/`]))[0]!.status === 200);
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]', async () => {
    const query = ['sh', '-c', 'echo remote execution test; echo other >&2'].map((word) => `command=${encodeURIComponent(word)}`).join('&');
    const heard = await webSocket(`${base}/pods/echo/exec?stdout=1&stderr=1&container=c&${query}`, 'channel.k8s.io');
    expect([channel(heard, 1), channel(heard, 2)]).toEqual(['remote execution test\n', 'other\n']);
  });

  test('[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]', async () => {
    await runs('speaks', 'echo container is alive; sleep 10000');
    const { protocol, code, messages } = await webSocket(`${base}/pods/speaks/log?container=c`, 'binary.k8s.io');
    expect([protocol, code, messages[0]]).toEqual(['binary.k8s.io', 1000, { binary: true, data: '' }]);
    expect(messages.map(({ data }) => Buffer.from(data, 'base64').toString()).join('')).toBe('container is alive\n');
  });

  test('a watch over websockets', async () => {
    const { messages } = await webSocket(`${base}/pods?watch=1&fieldSelector=metadata.name%3Decho`, '-', 1);
    const { type, object } = JSON.parse(messages[0]!.data) as { type: string; object: { metadata: { name: string } } };
    expect([messages[0]!.binary, type, object.metadata.name]).toEqual([false, 'ADDED', 'echo']);
  });

  test('[sig-network] Proxy version v1 should proxy through a service and a pod [Conformance]', async () => {
    const places = ['services/plain', 'services/echo:80', 'services/echo:portname1', 'services/http:echo:portname1', 'services/echo:portname2', 'services/http:echo:81', 'pods/echo:8080', 'pods/http:echo:8080', 'pods/echo'];
    const answers = await ask(...places.flatMap((where): [string, string][] => [['GET', `${base}/${where}/proxy/some/path`], ['GET', `${base}/${where}/proxy/page`]]));
    for (const [i, where] of places.entries()) {
      expect([where, answers[2 * i]]).toEqual([where, { status: 200, text: '{"Method":"GET","Path":"/some/path"}' }]);
      expect([where, answers[2 * i + 1]?.text]).toEqual([where, `<a href="${base}/${where}/proxy/rewriteme">test</a>`]);
    }
  });

  const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
  const validates = async (path: string): Promise<void> => {
    for (const where of ['pods/echo', 'services/plain']) {
      const answers = await ask(...methods.map((method): [string, string] => [method, `${base}/${where}/proxy${path}`]));
      for (const [i, method] of methods.entries()) expect([where, method, answers[i]]).toEqual([where, method, { status: 200, text: method === 'HEAD' ? '' : `{"Method":"${method}","Path":"${path}"}` }]);
    }
  };

  test('[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service Proxy [Conformance]', async () => {
    await validates('/');
    // Without a path, pages are sent to where their links lead to the right place.
    for (const where of ['pods/echo', 'services/plain']) {
      for (const answer of await ask(['GET', `${base}/${where}/proxy`], ['HEAD', `${base}/${where}/proxy`])) expect(answer).toMatchObject({ status: 301, location: `${base}/${where}/proxy/` });
    }
  });

  test('[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath [Conformance]', () => validates('/some/path/with/all'));
});
