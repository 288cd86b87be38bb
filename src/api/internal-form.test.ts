/** Structs in errors have the names of Go's fields, and all of them. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { internalForm } from './internal-form.ts';
import { goJson } from './meta/field.ts';
import { refusals, updateRefusals, type Loose } from './strategies.fixture.ts';

test.each<[schema: string, value: Record<string, unknown>, json: string]>([
  ['rbac.v1.RoleRef', { apiGroup: 'a', kind: 'Role', name: 'b' }, '{"APIGroup":"a","Kind":"Role","Name":"b"}'],
  ['core.v1.ServicePort', { protocol: 'TCP', port: 80 }, '{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}'],
  ['storage.v1.VolumeAttachmentSpec', { attacher: 'a.b', source: { persistentVolumeName: 'v' }, nodeName: 'n' }, '{"Attacher":"a.b","Source":{"PersistentVolumeName":"v","InlineVolumeSpec":null},"NodeName":"n"}'],
  ['core.v1.ClusterTrustBundleProjection', { name: 'a', labelSelector: { matchLabels: { a: 'b' } }, path: 'p' }, '{"Name":"a","SignerName":null,"LabelSelector":{"matchLabels":{"a":"b"}},"Optional":null,"Path":"p"}'],
  ['core.v1.NodeSelectorTerm', { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, '{"MatchExpressions":[{"Key":"a","Operator":"In","Values":["b"]}],"MatchFields":null}'],
])('%s', (schema, value, json) => expect(goJson(internalForm(`io.k8s.api.${schema}`, value))).toBe(json));

describe('in errors', () => {
  test.each<[string, string, (o: Loose) => void, string]>([
    ['another role', 'rbac.authorization.k8s.io/RoleBinding', (b) => { b.roleRef.name = 'x'; }, 'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"x"}: cannot change roleRef'],
    ['another parent', 'networking.k8s.io/IPAddress', (a) => { a.spec.parentRef.name = 'x'; }, 'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"default","Name":"x"}: field is immutable'],
    ['another node', 'storage.k8s.io/VolumeAttachment', (a) => { a.spec.nodeName = 'x'; }, 'spec: Invalid value: {"Attacher":"disks.example.com","Source":{"PersistentVolumeName":"disk","InlineVolumeSpec":null},"NodeName":"x"}: field is immutable'],
    ['another claim', 'resource.k8s.io/ResourceClaim', (c) => { c.spec.devices.requests[0].exactly.count = 2; }, 'spec: Invalid value: {"Devices":{"Requests":[{"Name":"gpu","Exactly":{"DeviceClassName":"gpu","Selectors":null,"AllocationMode":"ExactCount","Count":2,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable'],
  ])('%s', (_name, key, change, text) => expect(updateRefusals(key, change)).toEqual([text]));
  test('a port twice', () => {
    expect(refusals('/Service', (s) => { s.spec.ports = [{ name: 'a', port: 80 }, { name: 'b', port: 80 }]; })).toEqual(['spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}']);
  });
});

const FACTS = new URL('../../../shared/k8s-api/types.json', import.meta.url);
const types = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { types: Record<string, { inSpec?: boolean; fields: { json: string; go: string; inline?: boolean }[] }> }).types : {};
if (Object.keys(types).length === 0) console.warn('SKIPPED: names of fields are not compared with the facts, which are not here');
/** Old kinds of volumes and fields that nothing shows. */
const ODD = /^(metadata|monitors|image|pool|user|diskURI|chapAuth\w+|endpoints|externalID|serviceAccount|reportingComponent|status|group)$/;

test.skipIf(Object.keys(types).length === 0)('names are Go\'s', () => {
  const wrong: string[] = [];
  for (const [schema, { fields, inSpec }] of Object.entries(types)) {
    if (!schema.startsWith('io.k8s.api.') || inSpec !== true || /\.(v\d+(alpha|beta)\d+)\./.test(schema)) continue;
    const shown = new Set(Object.keys(internalForm(schema, {}) ?? {}));
    for (const { json, go, inline } of fields) if (inline !== true && json && !ODD.test(json) && !['apiVersion', 'kind'].includes(json) && !shown.has(go)) wrong.push(`${schema}.${json}: ${go}`);
  }
  expect(wrong).toEqual([]);
});
