/** For tests only: what may happen to volumes and devices, and how their controllers' promises can be broken. */
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../api/core/v1/types.ts';
import { Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, ResourceClaims, ResourceClaimTemplates, ResourceSlices, VolumeAttachments, VolumeAttributesClasses } from '../api/resources.ts';
import type { ResourceClaim, ResourceSlice } from '../api/resource/v1/types.ts';
import type { Act, History, Scenario } from './history.fixture.ts';

type Loose = Record<string, unknown>;

const volume = (size = 1, more: Loose = {}): Loose => ({ spec: { capacity: { storage: `${size}Gi` }, accessModes: ['ReadWriteOnce'], storageClassName: 'slow', persistentVolumeReclaimPolicy: 'Retain', csi: { driver: 'd', volumeHandle: 'h' }, ...more } });
const claim = (size = 1, more: Loose = {}): Loose => ({ spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', resources: { requests: { storage: `${size}Gi` } }, ...more } });
const pods = (n: number): string => `p${n % 4}`;
const using = (name: string, node: string | undefined): Loose => ({ spec: { ...(node === undefined ? {} : { nodeName: node }), containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: name } }] } });
const putVolume: Act = (history, n) => history.put(PersistentVolumes, `v${n % 4}`, volume(1 + (n % 3), n % 5 === 0 ? { accessModes: ['ReadWriteMany'] } : {}));
const putClaim: Act = (history, n) => history.put(PersistentVolumeClaims, `c${n % 4}`, claim(1 + (n % 3)));
const putPod: Act = (history, n) => history.put(Pods, pods(n), using(`c${n % 4}`, n % 3 === 0 ? undefined : `n${n % 2}`));
const endPod: Act = (history, n) => history.delete(Pods, pods(n));

const binder: Scenario = {
  acts: [putVolume, putVolume, putClaim, putClaim, (history, n) => history.delete(PersistentVolumeClaims, `c${n % 4}`), (history, n) => history.delete(PersistentVolumes, `v${n % 4}`)],
  settleMs: 60_000,
  breaks: {
    'volumes do not change hands': (stage) => stage.put(PersistentVolumes, 'v', volume(1, { claimRef: { uid: 'a' } })).put(PersistentVolumes, 'v', volume(1, { claimRef: { uid: 'b' } })),
    'claims keep their volume': (stage) => stage.put(PersistentVolumeClaims, 'c', claim(1, { volumeName: 'a' })).put(PersistentVolumeClaims, 'c', claim(1, { volumeName: 'b' })),
    'bound claims are held': (stage) => stage.put(PersistentVolumes, 'v', volume()).put(PersistentVolumeClaims, 'c', claim()).put(PersistentVolumeClaims, 'c', { ...claim(1, { volumeName: 'v' }), status: { phase: 'Bound' } }),
    'claims find volumes': (stage) => stage.put(PersistentVolumes, 'v', { ...volume(), status: { phase: 'Available' } }).put(PersistentVolumeClaims, 'c', claim()),
    'volumes say where they stand': (stage) => stage.put(PersistentVolumes, 'v', volume()),
  },
};

const claims: Scenario = {
  acts: [putClaim, putPod, putPod, endPod, (history, n) => history.delete(PersistentVolumeClaims, `c${n % 4}`)], settleMs: 60_000,
  breaks: {
    'PersistentVolumeClaim in use stays': (stage) => stage.put(Pods, 'p', using('c', 'n')).put(PersistentVolumeClaims, 'c', { ...claim(), metadata: { finalizers: ['kubernetes.io/pvc-protection'] } }).put(PersistentVolumeClaims, 'c', claim()),
    'PersistentVolumeClaim is protected, and let go': (stage) => stage.put(PersistentVolumeClaims, 'c', claim()),
  },
};

const volumes: Scenario = {
  acts: [putVolume, (history, n) => history.change<PersistentVolume>(PersistentVolumes, `v${n % 4}`, (object) => { object.status = { phase: n % 2 === 0 ? 'Bound' : 'Released' }; }), (history, n) => history.delete(PersistentVolumes, `v${n % 4}`)],
  settleMs: 60_000,
  breaks: {
    'PersistentVolume in use stays': (stage) => stage.put(PersistentVolumes, 'v', { ...volume(), metadata: { finalizers: ['kubernetes.io/pv-protection'] }, status: { phase: 'Bound' } }).put(PersistentVolumes, 'v', { ...volume(), status: { phase: 'Bound' } }),
    'PersistentVolume is protected, and let go': (stage) => stage.put(PersistentVolumes, 'v', volume()),
  },
};

const attributes: Scenario = {
  acts: [
    (history, n) => history.put(VolumeAttributesClasses, `a${n % 2}`, { driverName: 'd' }),
    (history, n) => history.put(PersistentVolumeClaims, `c${n % 4}`, claim(1, { volumeAttributesClassName: `a${n % 2}` })),
    (history, n) => history.delete(PersistentVolumeClaims, `c${n % 4}`),
    (history, n) => history.delete(VolumeAttributesClasses, `a${n % 2}`),
  ],
  settleMs: 60_000,
  breaks: {
    'VolumeAttributesClass in use stays': (stage) => stage.put(PersistentVolumeClaims, 'c', claim(1, { volumeAttributesClassName: 'a' })).put(VolumeAttributesClasses, 'a', { metadata: { finalizers: ['kubernetes.io/vac-protection'] } }).put(VolumeAttributesClasses, 'a'),
    'VolumeAttributesClass is protected, and let go': (stage) => stage.put(VolumeAttributesClasses, 'a'),
  },
};

const bound = (name: string, has: number, wants = has): Loose => ({ ...claim(wants, { volumeName: name }), status: { phase: 'Bound', capacity: { storage: `${has}Gi` } } });
const boundPair = (history: History, n: number): void => {
  history.put(PersistentVolumes, `v${n % 4}`, { ...volume(1, { claimRef: { namespace: 'default', name: `c${n % 4}`, uid: `c${n % 4}` }, ...(n % 5 === 0 ? { accessModes: ['ReadWriteMany'] } : {}), csi: { driver: 'd', volumeHandle: `h${n % 4}` } }), status: { phase: 'Bound' } });
  history.put(PersistentVolumeClaims, `c${n % 4}`, { ...bound(`v${n % 4}`, 1), metadata: { uid: `c${n % 4}` } });
};

const expander: Scenario = {
  acts: [boundPair, (history, n) => history.change<PersistentVolumeClaim>(PersistentVolumeClaims, `c${n % 4}`, (object) => { object.spec!.resources = { requests: { storage: `${1 + (n % 3)}Gi` } }; })],
  settleMs: 30_000,
  breaks: {
    'volumes never shrink': (stage) => stage.put(PersistentVolumes, 'v', volume(2)).put(PersistentVolumes, 'v', volume(1)),
    'who waits to grow is told': (stage) => stage.put(PersistentVolumes, 'v', volume(1, { claimRef: { namespace: 'default', name: 'c', uid: 'c' } })).put(PersistentVolumeClaims, 'c', bound('v', 1, 2)),
  },
};

const unique = (n: number): string => `kubernetes.io/csi/d^h${n % 4}`;
/** As the kubelet does: what is attached and wanted is mounted, and unmounted when the pods are gone. */
function mount(history: History): void {
  for (const { metadata: { name } } of history.list(Nodes)) {
    const wanted = new Set(history.list(Pods).filter((pod) => pod.spec?.nodeName === name).map((pod) => unique(Number(pod.spec!.volumes![0]!.persistentVolumeClaim!.claimName.slice(1)))));
    history.change<Node>(Nodes, name!, (object) => { object.status = { ...object.status, volumesInUse: (object.status?.volumesAttached ?? []).map((each) => each.name).filter((each) => wanted.has(each)) }; });
  }
  for (const each of history.list(VolumeAttachments)) history.change(VolumeAttachments, each.metadata.name!, (object) => { object.status = { attached: true }; });
}

const attaching: Scenario = {
  arrange: (history) => { for (const name of ['n0', 'n1']) history.put(Nodes, name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }); },
  acts: [boundPair, boundPair, (history, n) => history.put(Pods, pods(n), using(`c${n % 4}`, `n${n % 2}`)), (history, n) => history.put(Pods, `q${n % 4}`, using(`c${n % 4}`, `n${(n + 1) % 2}`)), endPod, (history, n) => history.delete(Pods, `q${n % 4}`), mount],
  world: mount, settleMs: 120_000, settleSteps: 12,
  breaks: {
    'volumes of one node stay on one node': (stage) => {
      stage.put(PersistentVolumes, 'v', volume());
      for (const node of ['n', 'm']) stage.put(VolumeAttachments, `on-${node}`, { spec: { nodeName: node, attacher: 'd', source: { persistentVolumeName: 'v' } } });
    },
    'mounted volumes stay attached': (stage) => stage.put(PersistentVolumes, 'v', volume()).put(Nodes, 'n', { status: { volumesInUse: ['kubernetes.io/csi/d^h'], conditions: [{ type: 'Ready', status: 'True' }] } })
      .put(VolumeAttachments, 'a', { spec: { nodeName: 'n', attacher: 'd', source: { persistentVolumeName: 'v' } } }).drop(VolumeAttachments, 'a'),
    'what pods want is attached': (stage) => stage.put(Nodes, 'n').put(PersistentVolumes, 'v', volume()).put(PersistentVolumeClaims, 'c', bound('v', 1)).put(Pods, 'p', using('c', 'n')),
  },
};

const ephemeral = { spec: { containers: [], volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }] } };
const ephemeralVolumes: Scenario = {
  beside: ['garbage-collector-controller'],
  acts: [(history, n) => history.put(Pods, pods(n), ephemeral), (history, n) => history.put(Pods, `q${n % 2}`, { spec: { containers: [] } }), endPod], settleMs: 60_000,
  breaks: {
    'ephemeral claims are their pod\'s': (stage) => stage.put(Pods, 'p', ephemeral).put(PersistentVolumeClaims, 'other', { metadata: { ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'p', controller: true }] } }),
    'ephemeral volumes have claims': (stage) => stage.put(Pods, 'p', ephemeral),
  },
};

const allocated = (user: string, taint = false): Loose => ({ spec: {}, status: { allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: taint ? 'bad' : 'good' }] } }, reservedFor: [{ resource: 'pods', name: user, uid: user }] } });
const wanting = { spec: { nodeName: 'n0', containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] }, status: { phase: 'Running' } };
/** The scheduler's part: allocates claims and reserves them for their pods. */
function allocate(history: History): void {
  for (const pod of history.list(Pods)) {
    const name = pod.status?.resourceClaimStatuses?.[0]?.resourceClaimName;
    if (name === undefined || pod.status?.phase !== 'Running') continue;
    history.change<ResourceClaim>(ResourceClaims, name, (object) => {
      const { allocation } = allocated('')['status'] as NonNullable<ResourceClaim['status']>;
      object.status = { allocation, reservedFor: [{ resource: 'pods', name: pod.metadata.name!, uid: pod.metadata.uid! }] };
    });
  }
}

const resourceClaims: Scenario = {
  beside: ['garbage-collector-controller'],
  arrange: (history) => history.put(ResourceClaimTemplates, 't', { spec: { spec: { devices: { requests: [] } } } }),
  acts: [(history, n) => history.put(Pods, pods(n), wanting), allocate, endPod, (history, n) => history.change<Pod>(Pods, pods(n), (object) => { object.status = { ...object.status, phase: 'Succeeded' }; })],
  settleMs: 120_000,
  breaks: {
    'devices in use stay': (stage) => stage.put(Pods, 'p', wanting).put(ResourceClaims, 'c', allocated('p')).put(ResourceClaims, 'c', { spec: {} }),
    'pods have their device claims': (stage) => stage.put(ResourceClaimTemplates, 't', { spec: { spec: {} } }).put(Pods, 'p', wanting),
    'reservations end with their pods': (stage) => stage.put(ResourceClaims, 'c', allocated('gone')),
  },
};

const slice = (bad: boolean): Loose => ({ spec: { driver: 'd', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'good' }, { name: 'bad', ...(bad ? { taints: [{ key: 'x', effect: 'NoExecute' }] } : {}) }] } });
const devicePod = { spec: { nodeName: 'n0', containers: [], resourceClaims: [{ name: 'gpu', resourceClaimName: 'c0' }] }, status: { phase: 'Running' } };

const deviceTaints: Scenario = {
  arrange: (history) => history.put(ResourceSlices, 's', slice(false)),
  acts: [
    (history, n) => {
      const name = pods(n);
      history.put(Pods, name, { ...devicePod, metadata: { uid: name }, spec: { ...devicePod.spec, resourceClaims: [{ name: 'gpu', resourceClaimName: `c-${name}` }] } });
      history.put(ResourceClaims, `c-${name}`, allocated(name, n % 2 === 0));
    },
    (history, n) => history.change<ResourceSlice>(ResourceSlices, 's', (object) => { object.spec = slice(n % 2 === 0)['spec'] as never; }),
    endPod,
  ],
  settleMs: 60_000,
  breaks: {
    'pods with sound devices stay': (stage) => stage.put(ResourceSlices, 's', slice(true)).put(ResourceClaims, 'c0', allocated('p')).put(Pods, 'p', { ...devicePod, status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByDeviceTaintManager' }] } }),
    'pods leave bad devices': (stage) => stage.put(ResourceSlices, 's', slice(true)).put(ResourceClaims, 'c0', allocated('p', true)).put(Pods, 'p', devicePod),
  },
};

export const storageScenarios: Readonly<Record<string, Scenario>> = {
  'persistentvolume-binder-controller': binder,
  'persistentvolumeclaim-protection-controller': claims,
  'persistentvolume-protection-controller': volumes,
  'volumeattributesclass-protection-controller': attributes,
  'persistentvolume-expander-controller': expander,
  'persistentvolume-attach-detach-controller': attaching,
  'ephemeral-volume-controller': ephemeralVolumes,
  'resourceclaim-controller': resourceClaims,
  'device-taint-eviction-controller': deviceTaints,
};
