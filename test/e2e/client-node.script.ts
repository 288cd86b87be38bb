/** Run inside the sandbox's machine: what a JavaScript client does, on the official client library. Prints one JSON object. */
import { Writable } from 'node:stream';
import { CoreV1Api, Exec, KubeConfig, Watch } from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);

const nodes = (await core.listNode()).items.map((node) => node.metadata?.name);

const seen: string[] = [];
const watched = new Promise<void>((resolve, reject) => {
  void new Watch(config).watch('/api/v1/namespaces/default/configmaps', {}, (type, object: { metadata: { name: string } }) => {
    if (object.metadata.name !== 'watched') return;
    seen.push(type);
    if (type === 'DELETED') resolve();
  }, (error: unknown) => (error ? reject(error instanceof Error ? error : new Error(JSON.stringify(error))) : resolve()));
});
await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'watched' }, data: { a: '1' } } });
await core.replaceNamespacedConfigMap({ namespace: 'default', name: 'watched', body: { metadata: { name: 'watched' }, data: { a: '2' } } });
await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'watched' });
await watched;

const pod = (await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=hello' })).items[0]!.metadata!.name!;
let output = '';
const stdout = new Writable({
  write(piece: Buffer, _encoding, done) {
    output += piece.toString();
    done();
  },
});
const status = await new Promise<unknown>((resolve, reject) => {
  new Exec(config).exec('default', pod, 'web', ['echo', 'from exec'], stdout, null, null, false, resolve).catch(reject);
});
process.stdout.write(JSON.stringify({ nodes, seen, output, status: (status as { status: string }).status }));
process.exit(0);
