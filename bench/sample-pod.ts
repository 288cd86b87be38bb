/** A pod as clusters have them: two containers, labels, owner, tolerations, volumes, conditions, managed fields. */
export function samplePod(i: number): object {
  const at = '2026-01-31T12:00:00Z';
  const container = (name: string): object => ({
    name, image: `registry.example.com/team/${name}:v1.${i}.0`, args: ['--port=8080', `--shard=${i}`],
    env: Array.from({ length: 6 }, (_, e) => ({ name: `VARIABLE_${e}`, value: `value ${e} of pod ${i}` })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }], resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 }, volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
  });
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: {
      name: `web-${i}-7d4b9c6f5d-x${i}`, generateName: 'web-7d4b9c6f5d-', namespace: 'default', uid: `0b0f5f1e-0000-4000-8000-${String(i).padStart(12, '0')}`, resourceVersion: String(100_000 + i), creationTimestamp: at,
      labels: { app: 'web', 'pod-template-hash': '7d4b9c6f5d', tier: `tier-${i % 5}` }, annotations: { 'example.com/checksum': 'f'.repeat(64) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c6f5d', uid: '0b0f5f1e-0000-4000-8000-000000000000', controller: true, blockOwnerDeletion: true }],
      managedFields: [{ manager: 'controller', operation: 'Update', apiVersion: 'v1', time: at, fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {}, 'f:tier': {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } } }],
    },
    spec: {
      nodeName: `node-${i % 100}`, serviceAccountName: 'default', containers: [container('web'), container('sidecar')],
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }] } }],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
    },
    status: {
      phase: 'Running', hostIP: '10.0.0.5', podIP: `10.244.${i % 200}.7`, podIPs: [{ ip: `10.244.${i % 200}.7` }], startTime: at, qosClass: 'Burstable',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: at })),
      containerStatuses: ['web', 'sidecar'].map((name) => ({ name, ready: true, restartCount: 0, image: `registry.example.com/team/${name}:v1`, imageID: `sha256:${'a'.repeat(64)}`, containerID: `containerd://${'b'.repeat(64)}`, started: true, state: { running: { startedAt: at } } })),
    },
  };
}
