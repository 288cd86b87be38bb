import { describe, expect, test } from 'vitest';
import type { Node, PersistentVolume, Pod } from '../../api/core/v1/types.ts';
import type { VolumeAttachment } from '../../api/storage/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startAttachDetach } from './controller.ts';
import { attachmentName, decideAttachments, uniqueNameOf, unmountPatienceMs, type AttachSnapshot } from './decide.ts';

const volumeOf = (name: string, mode = 'ReadWriteOnce'): PersistentVolume => ({
  metadata: { name }, spec: { accessModes: [mode], csi: { driver: 'disk.example', volumeHandle: `h-${name}` }, claimRef: { namespace: 'shop', name: `c-${name}`, uid: 'c' } },
});
const podOf = (name: string, node: string, volume = 'v', phase = 'Running'): Pod => ({
  metadata: { name, namespace: 'shop', uid: name }, spec: { nodeName: node, containers: [], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: `c-${volume}` } }] }, status: { phase },
});
const unique = uniqueNameOf({ driver: 'disk.example', handle: 'h-v' });
const attachmentOf = (node: string, attached = true, extra: object = {}): VolumeAttachment => ({
  metadata: { name: attachmentName('h-v', 'disk.example', node), uid: node, ...extra }, spec: { attacher: 'disk.example', nodeName: node, source: { persistentVolumeName: 'v' } }, status: { attached },
});
const nodeOf = (attached: string[] = [], inUse: string[] = [], ready = 'True', taint?: string): Node => ({
  metadata: { name: 'n' }, spec: { taints: taint ? [{ key: taint, effect: 'NoExecute' }] : [] },
  status: { volumesAttached: attached.map((name) => ({ name, devicePath: '' })), volumesInUse: inUse, conditions: [{ type: 'Ready', status: ready }] },
});

describe('decide', () => {
  const rows: [string, { node?: Node; pods?: Pod[]; here?: VolumeAttachment[]; all?: VolumeAttachment[]; mode?: string; unwantedForMs?: number }, string[]][] = [
    ['a pod wants a volume', { node: nodeOf(), pods: [podOf('p', 'n')] }, ['attach']],
    ['it is being attached', { node: nodeOf(), pods: [podOf('p', 'n')], here: [attachmentOf('n', false)] }, []],
    ['it is attached: the node is told', { node: nodeOf(), pods: [podOf('p', 'n')], here: [attachmentOf('n')] }, ['report 1']],
    ['all said', { node: nodeOf([unique]), pods: [podOf('p', 'n')], here: [attachmentOf('n')] }, []],
    ['the pod ended, nothing is mounted', { node: nodeOf([unique]), pods: [podOf('p', 'n', 'v', 'Succeeded')], here: [attachmentOf('n')] }, ['report 0', 'detach']],
    ['never while it is mounted', { node: nodeOf([unique], [unique]), here: [attachmentOf('n')] }, []],
    ['mounted on a silent node: wait', { node: nodeOf([unique], [unique], 'Unknown'), here: [attachmentOf('n')], unwantedForMs: 60_000 }, [`wait ${unmountPatienceMs - 60_000}`]],
    ['mounted on a node silent for long', { node: nodeOf([unique], [unique], 'Unknown'), here: [attachmentOf('n')], unwantedForMs: unmountPatienceMs }, ['report 0', 'detach']],
    ['mounted on a node out of service', { node: nodeOf([unique], [unique], 'Unknown', 'node.kubernetes.io/out-of-service'), here: [attachmentOf('n')] }, ['report 0', 'detach']],
    ['somebody else attached it', { node: nodeOf([unique]), here: [attachmentOf('n', true, { name: 'by-hand' })] }, []],
    ['the node is gone', { here: [attachmentOf('n')] }, ['detach']],
    ['never in two places', { node: nodeOf(), pods: [podOf('p', 'n')], all: [attachmentOf('m')] }, ['refuse']],
    ['but shared volumes', { node: nodeOf(), pods: [podOf('p', 'n')], all: [attachmentOf('m')], mode: 'ReadWriteMany' }, ['attach']],
  ];
  test.each(rows)('%s', (_name, { node, pods = [], here = [], all = here, mode, unwantedForMs = 0 }, expected) => {
    const volume = volumeOf('v', mode);
    const snapshot: AttachSnapshot = {
      node, nodeName: 'n', pods, attachments: here, attachmentsOf: () => all, attachable: () => [{ volume, driver: 'disk.example', handle: 'h-v' }],
      handleOf: () => ({ driver: 'disk.example', handle: 'h-v' }), unwantedSinceMs: () => 1_000_000 - unwantedForMs,
    };
    expect(decideAttachments(snapshot, 1_000_000).map((action) => (action.do === 'report' ? `report ${action.volumesAttached.length}` : action.do === 'wait' ? `wait ${action.afterMs}` : action.do))).toEqual(expected);
  });
});

test('a volume moves with its pod: detached here once unmounted, then attached there', async () => {
  const host = virtualHost({ seed: 'attach', settle: turn });
  const context = fakeContext(host);
  const { api } = context;
  for (const name of ['n', 'm']) api.put('nodes', { ...nodeOf(), metadata: { name } });
  api.put('persistentvolumes', volumeOf('v'));
  api.put('persistentvolumeclaims', { metadata: { name: 'c-v', namespace: 'shop' }, spec: { volumeName: 'v' }, status: { phase: 'Bound' } } as never);
  api.put('pods', podOf('p', 'n'));
  context.run(startAttachDetach);
  const attachments = (): string[] => api.objects<VolumeAttachment>('volumeattachments').map((each) => each.spec.nodeName);
  await host.clock.advance(2000);
  expect(attachments()).toEqual(['n']);
  // The driver's part and the kubelet's.
  api.put('volumeattachments', { ...attachmentOf('n') });
  await host.clock.advance(2000);
  const node = api.object<Node>('nodes', 'n')!;
  expect(node.status!.volumesAttached).toEqual([{ name: unique, devicePath: '' }]);
  api.put('nodes', { ...node, status: { ...node.status, volumesInUse: [unique] } } as Node);
  api.remove('pods', 'shop/p');
  api.put('pods', podOf('q', 'm'));
  await host.clock.advance(2000);
  expect(attachments()).toEqual(['n']);
  expect(context.eventReasons()).toContain('Warning FailedAttachVolume q');
  api.put('nodes', { ...api.object<Node>('nodes', 'n')!, status: { ...node.status, volumesInUse: [] } } as Node);
  await host.clock.advance(5000);
  expect(attachments()).toEqual(['m']);
  expect(api.object<Node>('nodes', 'n')!.status!.volumesAttached).toEqual([]);
  await context.stop();
});
