/**
 * What a control plane costs when nothing changes: processor time over a minute, and what it asks of the store.
 * `node bench/idle.ts [--nodes N] [--seconds S]`; without nodes it is API server, controllers and scheduler alone.
 */
import { parseArgs } from 'node:util';
import { startCluster } from '../src/testing/index.ts';

const { values } = parseArgs({ options: { nodes: { type: 'string', default: '0' }, seconds: { type: 'string', default: '60' } } });
const [nodes, seconds] = [Number(values.nodes), Number(values.seconds)];

const cluster = await startCluster({ nodes });
// What a start still has to do shall not count.
await cluster.advance(10_000);
const [before, from] = [process.cpuUsage(), performance.now()];
const revision = await cluster.backend.revision();
await cluster.advance(seconds * 1000);
const used = process.cpuUsage(before);
const elapsedMs = performance.now() - from;
const busyMs = (used.user + used.system) / 1000;
console.log(`idle control plane, ${nodes} hollow nodes, ${(elapsedMs / 1000).toFixed(0)} s: ${busyMs.toFixed(0)} ms of processor time (${((busyMs / elapsedMs) * 100).toFixed(2)} %), `
  + `${Number(await cluster.backend.revision()) - Number(revision)} writes, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB resident`);
await cluster.stop();
