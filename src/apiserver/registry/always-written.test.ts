/** What upstream writes as null: empty lists that are always written, times that have not come. It reads both so from its store, which is protobuf. */
import { afterEach, describe, expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

const rigs: Rig[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.stop())));

async function start(options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
const ROLE = 'io.k8s.api.rbac.v1.Role';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const role = (name: string, more: object = {}): { apiVersion: string; kind: string } => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, ...more } as never);

describe.each(['json', 'protobuf'] as const)('stored in %s', (storageEncoding) => {
  const started = (): Promise<Rig> => start({ options: { storageEncoding } });

  test.each<[string, object]>([['an empty list', { rules: [] }], ['null', { rules: null }], ['nothing', {}]])('a list that came as %s is null in the answer, in reads, lists and watches', async (_name, given) => {
    const rig = await started();
    const created = await rig.create(ROLES, role('a', given));
    expect(created).toMatchObject({ rules: null });
    expect((await rig.send('GET', `${ROLES}/a`)).body).toEqual(created);
    expect((await rig.send('GET', ROLES)).text).toContain('"rules":null}]}');
    expect((await rig.send('GET', `${ROLES}/a`, undefined, { headers: { accept: 'application/yaml' } })).text).toContain('\nrules: null\n');
    const updated = (await rig.send('PUT', `${ROLES}/a`, { ...created, rules: [] })).body as { metadata: { resourceVersion: string } };
    expect(updated).toEqual(created);
  });

  test('a list that came in protobuf is null as well, and empty for those who read protobuf', async () => {
    const rig = await started();
    const body = encodeProtobuf(ROLE, role('a'));
    const { body: created } = await rig.send('POST', ROLES, body, { headers: { 'content-type': PROTOBUF } });
    expect(created).toMatchObject({ kind: 'Role', rules: null });
    const { body: bytes } = await rig.open('GET', `${ROLES}/a`, undefined, { headers: { accept: PROTOBUF } });
    expect(decodeProtobuf<{ rules: unknown }>(ROLE, bytes as Uint8Array).rules).toEqual([]);
  });

  test('an empty list of objects is a list', async () => {
    const rig = await started();
    expect((await rig.send('GET', ROLES)).text).toMatch(/"items":\[\]\}\n$/);
  });

  test('a JSON patch meets null, and cannot add to it', async () => {
    const rig = await started();
    await rig.create(ROLES, role('a'));
    const patch = (operations: unknown): ReturnType<Rig['send']> => rig.send('PATCH', `${ROLES}/a`, operations, { headers: { 'content-type': 'application/json-patch+json' } });
    const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
    expect((await patch([{ op: 'add', path: '/rules/-', value: rule }])).status).toBe(422);
    expect((await patch([{ op: 'test', path: '/rules', value: null }, { op: 'add', path: '/rules', value: [rule] }])).body).toMatchObject({ rules: [rule] });
  });

  test('times that have not come are null where they are always written', async () => {
    const rig = await started();
    const events = '/api/v1/namespaces/default/events';
    const created = await rig.create(events, { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { namespace: 'default' }, reason: 'r' } as never);
    expect(created).toMatchObject({ firstTimestamp: null, lastTimestamp: null, eventTime: null });
    expect(Object.keys(created)).not.toContain('series');
    expect((await rig.send('GET', `${events}/e`)).body).toEqual(created);
  });
});
