/**
 * What a server still holds after many rounds of the same: objects are created, patched, listed, watched and deleted, over connections that come and go.
 * (The store's file is mapped, and grows until old history is removed from it.) Heap and buffers after a collection are told every tenth of the rounds; the slope of the second half is what a round leaves behind.
 *
 *   node bench/soak.ts [--rounds 300] [--objects 100] [--out FILE]
 */
import * as http2 from 'node:http2';
import { rmSync } from 'node:fs';
import { count, report, type Figure } from './report.ts';
import { startServerProcess } from './server-process.ts';

interface Ready { port: number; ca: string; cert: string; key: string; path: string }
interface Usage { rssBytes: number; mappedBytes: number; heapBytes: number; bufferBytes: number }

const rounds = count('rounds', 300);
const objects = count('objects', 100);
process.env['SERVER_FLAGS'] = `${process.env['SERVER_FLAGS'] ?? ''} --expose-gc`.trim();
const server = await startServerProcess(true);
const answer = <T>(): Promise<T> => new Promise((resolve) => server.once('message', (message) => resolve(message as T)));
const ready = await answer<Ready>();

function call(session: http2.ClientHttp2Session, method: string, path: string, body?: object, type = 'application/json'): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...(body ? { 'content-type': type } : {}) });
    let status = 0;
    stream.on('response', (head) => (status = head[':status'] ?? 0));
    stream.on('error', reject);
    stream.on('end', () => (status < 400 ? resolve() : reject(new Error(`${method} ${path}: ${status}`))));
    stream.resume().end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const maps = '/api/v1/namespaces/default/configmaps';

async function play(round: number): Promise<void> {
  const session = http2.connect(`https://127.0.0.1:${ready.port}`, { ca: ready.ca, cert: ready.cert, key: ready.key });
  const watches = Array.from({ length: 10 }, () => session.request({ ':path': `${maps}?watch=1` }));
  await Promise.all(watches.map((watch) => new Promise((resolve) => watch.resume().once('response', resolve))));
  await Promise.all(Array.from({ length: objects }, async (_, i) => {
    const name = `soak-${round}-${i}`;
    await call(session, 'POST', maps, { metadata: { name, labels: { round: String(round) } }, data: { a: 'x'.repeat(500) } });
    await call(session, 'PATCH', `${maps}/${name}`, { data: { b: String(i) } }, 'application/merge-patch+json');
    await call(session, 'GET', `${maps}/${name}`);
  }));
  await call(session, 'GET', maps);
  await call(session, 'GET', `${maps}?labelSelector=round%3D${round}&limit=10`);
  await call(session, 'DELETE', maps);
  await Promise.all(watches.map((watch) => new Promise<void>((resolve) => watch.close(http2.constants.NGHTTP2_CANCEL, resolve))));
  await new Promise<void>((resolve) => session.close(() => resolve()));
}

const figures: Figure[] = [];
const held: { round: number; bytes: number }[] = [];
for (let round = 1; round <= rounds; round++) {
  await play(round);
  if (round % Math.ceil(rounds / 10) !== 0) continue;
  const got = answer<Usage>();
  server.send('settled');
  const { rssBytes, mappedBytes, heapBytes, bufferBytes } = await got;
  held.push({ round, bytes: heapBytes + bufferBytes });
  figures.push({ name: `after ${round} rounds: heap and buffers`, value: (heapBytes + bufferBytes) / 2 ** 20, unit: 'MiB' }, { name: `after ${round} rounds: resident, without mapped files`, value: (rssBytes - mappedBytes) / 2 ** 20, unit: 'MiB' });
}
const [middle, last] = [held[Math.floor(held.length / 2)]!, held.at(-1)!];
figures.push({ name: 'a round of the second half leaves behind', value: (last.bytes - middle.bytes) / (last.round - middle.round) / 1024, unit: 'KiB' });
server.send('stop');
await new Promise((resolve) => server.once('exit', resolve));
rmSync(ready.path, { recursive: true, force: true });
report('soak', figures);
process.exit(0);
