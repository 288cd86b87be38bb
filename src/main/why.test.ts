import { expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { Nodes, Pods, startCluster } from '../testing/index.ts';
import { renderExplanation, whyPod } from './why.ts';

test('why, in a cluster: a pod that waits, and one that is placed', async () => {
  const cluster = await startCluster({ nodes: 2, nodeCpus: 2 });
  try {
    const host = nodeHost({ logLevel: 'silent' });
    await cluster.until('nodes are ready', async () => (await cluster.client.of(Nodes).list()).items.filter((node) => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') && !node.spec?.taints?.length).length === 2);
    const pods = cluster.client.of(Pods).inNamespace('default');
    const create = (name: string, cpu: string) => pods.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'app', resources: { requests: { cpu } } }] } });
    await cluster.until('pods can be made', async () => pods.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec: { containers: [{ name: 'c', image: 'app' }] } }, { dryRun: true }).then(() => true, () => false));
    await create('large', '3');
    await create('small', '500m');
    await cluster.until('the small one is placed', async () => (await pods.get('small')).spec?.nodeName !== undefined);

    const large = await whyPod(host, cluster.client, { namespace: 'default', name: 'large' });
    expect(large.nodes.map((each) => each.rejections.map((rejection) => rejection.plugin))).toEqual([['NodeResourcesFit'], ['NodeResourcesFit']]);
    expect(renderExplanation(large)).toMatch(/request 1(500m)? less cpu/);

    const small = await whyPod(host, cluster.client, { namespace: 'default', name: 'small' });
    expect(small.placedOn).toBe((await pods.get('small')).spec?.nodeName);
    // It does not stand in its own way.
    expect(small.nodes.every((each) => each.rejections.length === 0)).toBe(true);
    expect(renderExplanation(small)).toContain(`Pod default/small is on node ${small.placedOn}. 2 of 2 nodes would take it now.`);
    await expect(whyPod(host, cluster.client, { namespace: 'default', name: 'nobody' })).rejects.toThrow('pod "nobody" not found in namespace "default"');
  } finally {
    await cluster.stop();
  }
}, 60_000);
