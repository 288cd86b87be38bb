import { afterAll, beforeAll, describe } from 'vitest';
import { nodeClock } from '../host/node/clock.ts';
import type { Backend } from './backend.ts';
import { backendConformance, type ConformanceOptions } from './conformance.ts';
import { hasEtcd, startEtcd, type EtcdCluster } from './etcd.fixture.ts';
import { etcdBackend } from './etcd.ts';

let etcd: EtcdCluster;
let count = 0;

const make = (progress?: 'ask' | 'all-keys') => ({ watchBufferLimit }: ConformanceOptions): Promise<Backend> => etcdBackend({
  endpoints: etcd.endpoints, clock: nodeClock(), rename: { from: '', to: `/t${++count}` }, compactionIntervalMs: 0, leaseReuseSeconds: 0,
  ...(progress ? { progress } : {}), ...(watchBufferLimit === undefined ? {} : { watchBufferLimit }),
});

describe.skipIf(!hasEtcd('the store on etcd'))('on a real etcd', () => {
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.close());
  backendConformance('etcd', make(), { realSeconds: 1, histories: 5 });
});
