/** Volumes on a real folder; what needs mounts or other owners runs as root only. */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, Secret, Volume } from '../../api/core/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { fakeApi, type FakeApi } from '../../client/fake-api.ts';
import { createClient } from '../../client/index.ts';
import { nodeHost } from '../../host/node/index.ts';
import { defaultTiming, type KubeletContext } from '../config.ts';
import { PodPaths } from '../names.ts';
import { ObjectCache } from '../objects.ts';
import { writeAtomically, checkPath, type Payload } from './atomic-writer.ts';
import { checkHostPath } from './host-path.ts';
import { volumeKindOf } from './index.ts';
import { mountedVolumes, VolumeError, VolumeManager } from './manager.ts';
import { mountPoints, Mounts } from './mounts.ts';
import { giveToGroup } from './ownership.ts';
import { prepareSubPath, resolveInside } from './sub-path.ts';
import { TokenSource } from './tokens.ts';

const host = nodeHost({ logLevel: 'error' });
const isRoot = process.getuid?.() === 0;
const canMount = isRoot && (await host.exec.run('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d; s=$?; rmdir $d; exit $s'])).code === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubets-volumes-'));
});
afterEach(async () => {
  await new Mounts(host).unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
});

const payload = (files: Record<string, string>, mode = 0o644): Payload => new Map(Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));

describe('files that are seen whole', () => {
  test('are links through ..data, and are replaced at once', async () => {
    expect(await writeAtomically(host, folder, payload({ a: '1', 'dir/b': '2' }))).toBe(true);
    expect(readlinkSync(join(folder, 'a'))).toBe('..data/a');
    expect(readlinkSync(join(folder, 'dir'))).toBe('..data/dir');
    expect(readFileSync(join(folder, 'dir/b'), 'utf8')).toBe('2');
    const first = readlinkSync(join(folder, '..data'));
    expect(await writeAtomically(host, folder, payload({ a: '1', 'dir/b': '2' }))).toBe(false);
    expect(readlinkSync(join(folder, '..data'))).toBe(first);
    expect(await writeAtomically(host, folder, payload({ a: '3', c: '4' }))).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual([readlinkSync(join(folder, '..data')), '..data', 'a', 'c'].toSorted());
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('3');
  });

  test('a reader never sees a mixture', async () => {
    await writeAtomically(host, folder, payload({ a: '0', b: '0' }));
    let done = false;
    const writing = (async () => {
      for (let i = 1; i <= 50; i++) await writeAtomically(host, folder, payload({ a: String(i), b: String(i) }));
      done = true;
    })();
    while (!done) {
      const data = readlinkSync(join(folder, '..data'));
      // What a reader finds through one look at the link belongs together.
      const pair = ['a', 'b'].map((name) => readFileSync(join(folder, data, name), 'utf8'));
      expect(pair[0]).toBe(pair[1]);
      await host.clock.sleep(0);
    }
    await writing;
  });

  test('modes are as wished, and the group may read with fsGroup', async () => {
    await writeAtomically(host, folder, payload({ a: '1' }, 0o400));
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o400);
    if (!isRoot) return;
    await writeAtomically(host, folder, payload({ a: '1' }, 0o400), { fsGroup: 3000 });
    expect(statSync(join(folder, 'a'))).toMatchObject({ gid: 3000 });
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o440);
  });

  test.each(['/etc/passwd', '../x', 'a/../../x', '..x', '', 'a//b', './a'])('the path "%s" is refused', (path) => expect(() => checkPath(path)).toThrow(/invalid path/));
  test.each(['a', 'a/b', 'a..b', '.hidden', 'a/..b'])('the path "%s" is taken', (path) => expect(() => checkPath(path)).not.toThrow());
});

describe('subPath', () => {
  let root: string;
  beforeEach(() => {
    root = join(folder, 'volume');
    mkdirSync(join(root, 'a/b'), { recursive: true });
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(root, 'file'), 'x');
  });
  const links: [string, string, string, string | RegExp][] = [
    ['a folder', '', 'a/b', '/a/b'],
    ['a link within', 'a', 'link/b', '/a/b'],
    ['a link up and down again', 'a/../a', 'link/b', '/a/b'],
    ['a link out', '../outside', 'link', /leads out of its volume/],
    ['a link to a link out', 'link2', 'link', /leads out of its volume/],
    ['an absolute link', '/etc', 'link', /leads out of its volume/],
    ['a link to itself', 'link', 'link', /too many links/],
    ['two dots', '', 'a/../../x', /leads out of its volume/],
    ['an absolute path', '', '/a', /must be relative/],
  ];
  test.each(links)('%s', async (_name, target, subPath, expected) => {
    if (target !== '') symlinkSync(target, join(root, 'link'));
    if (target === 'link2') symlinkSync('../../outside', join(root, 'link2'));
    if (expected instanceof RegExp) await expect(resolveInside(host.disk, root, subPath, true)).rejects.toThrow(expected);
    else expect(await resolveInside(host.disk, root, subPath, true)).toBe(root + expected);
  });
  test('what is missing is made, or missed', async () => {
    await expect(resolveInside(host.disk, root, 'new/deep', false)).rejects.toThrow(/does not exist/);
    expect(await resolveInside(host.disk, root, 'new/deep', true)).toBe(`${root}/new/deep`);
    expect(lstatSync(join(root, 'new/deep')).isDirectory()).toBe(true);
  });

  test.runIf(canMount)('is mounted at a place of the kubelet\'s own, a file as well as a folder', async () => {
    const mounts = new Mounts(host);
    const target = join(folder, 'sub/0');
    expect(await prepareSubPath({ disk: host.disk, mounts }, { volumeRoot: root, subPath: 'a', target, readOnly: false })).toBe(target);
    expect(readdirSync(target)).toEqual(['b']);
    await prepareSubPath({ disk: host.disk, mounts }, { volumeRoot: root, subPath: 'a', target, readOnly: false });
    expect((await mounts.points()).filter((point) => point === target)).toHaveLength(1);
    const file = join(folder, 'sub/1');
    await prepareSubPath({ disk: host.disk, mounts }, { volumeRoot: root, subPath: 'file', target: file, readOnly: true });
    expect(readFileSync(file, 'utf8')).toBe('x');
    await mounts.unmountBelow(join(folder, 'sub'));
    expect((await mounts.points()).some((point) => point.startsWith(folder))).toBe(false);
  });

  test.runIf(canMount)('a folder that turns into a link while it is mounted is refused', async () => {
    const mounts = new Mounts(host);
    const swapping = {
      isMounted: (path: string) => mounts.isMounted(path),
      unmountBelow: (path: string) => mounts.unmountBelow(path),
      async bind(source: string, target: string) {
        rmSync(source, { recursive: true });
        symlinkSync(join(folder, 'outside'), source);
        await mounts.bind(source, target);
      },
    } as unknown as Mounts;
    await expect(prepareSubPath({ disk: host.disk, mounts: swapping }, { volumeRoot: root, subPath: 'a', target: join(folder, 'sub/0'), readOnly: false })).rejects.toThrow(/leads out of its volume|changed while/);
    await mounts.unmountBelow(join(folder, 'sub'));
  });
});

describe('hostPath', () => {
  test.each<[string, string, string | RegExp]>([
    ['any', '', ''], ['dir', 'Directory', ''], ['file', 'File', ''], ['link', 'Directory', ''], ['dir', 'File', /is not a file/], ['file', 'Directory', /is not a directory/], ['none', 'Directory', /hostPath type check failed: .*none is not a directory/],
    ['made', 'DirectoryOrCreate', ''], ['made.txt', 'FileOrCreate', ''], ['file', 'DirectoryOrCreate', /is not a directory/], ['file', 'Socket', /is not a socket/], ['dir', 'BlockDevice', /is not a block device/], ['dir', 'Nonsense', /"Nonsense" is not known/],
  ])('%s as %s', async (name, type, expected) => {
    mkdirSync(join(folder, 'dir'));
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('dir', join(folder, 'link'));
    const check = checkHostPath(host, join(folder, name), type);
    if (expected instanceof RegExp) await expect(check).rejects.toThrow(expected);
    else await check;
  });
  test('a device is a device', () => checkHostPath(host, '/dev/null', 'CharDevice'));
  test('two dots are refused', () => expect(checkHostPath(host, '/a/../b')).rejects.toThrow(/must not contain/));
});

describe.runIf(isRoot)('fsGroup', () => {
  test('gives a tree to the group and follows no link', async () => {
    mkdirSync(join(folder, 'v/d'), { recursive: true });
    writeFileSync(join(folder, 'v/d/f'), '', { mode: 0o600 });
    writeFileSync(join(folder, 'outside'), '', { mode: 0o600 });
    symlinkSync('../outside', join(folder, 'v/link'));
    await giveToGroup(host.disk, join(folder, 'v'), 3000);
    expect(statSync(join(folder, 'v/d')).mode & 0o7777).toBe(0o2775);
    expect(statSync(join(folder, 'v/d/f'))).toMatchObject({ gid: 3000 });
    expect(statSync(join(folder, 'v/d/f')).mode & 0o777).toBe(0o660);
    expect(statSync(join(folder, 'outside'))).toMatchObject({ gid: 0 });
    writeFileSync(join(folder, 'v/late'), '', { mode: 0o600 });
    await giveToGroup(host.disk, join(folder, 'v'), 3000, 'OnRootMismatch');
    expect(statSync(join(folder, 'v/late')).mode & 0o777).toBe(0o600);
  });
});

test('mount points are read with their escapes', () => {
  expect(mountPoints('1 2 0:1 / /a\\040b rw - tmpfs tmpfs rw\n3 4 0:2 / /c rw - x y z\n')).toEqual(['/a b', '/c']);
});

describe.runIf(canMount)('the volumes of a pod', () => {
  let api: FakeApi;
  let manager: VolumeManager;
  let paths: PodPaths;
  const tokenRequests: unknown[] = [];

  function context(): KubeletContext {
    api = fakeApi(host.clock);
    api.intercept = ({ target, json }) => {
      if (target.subresource !== 'token') return undefined;
      tokenRequests.push(json);
      const body = JSON.stringify({ ...(json as object), status: { token: `t${tokenRequests.length}`, expirationTimestamp: formatTime(host.clock.now() + 600_000) } });
      return { status: 201, headers: {}, body: (async function* bytes() { yield Buffer.from(body); })() };
    };
    return {
      host, client: createClient(api), runtime: undefined as never, recorder: { event: () => undefined }, timing: defaultTiming, hollow: false, runtimeName: 'x',
      config: { nodeName: 'n', nodeIp: '192.0.2.1', rootDir: folder, clusterDns: [], clusterDomain: '', cgroupRoot: '/', cgroupDriver: 'cgroupfs', authentication: 'cert-only' },
    };
  }
  beforeEach(() => {
    tokenRequests.length = 0;
    const made = context();
    paths = new PodPaths(folder);
    manager = new VolumeManager(made, paths, new ObjectCache(made.client, host.clock));
  });

  const podWith = (...volumes: Volume[]): Pod => ({
    metadata: { name: 'p', namespace: 'd', uid: 'u', labels: { a: 'b' } },
    spec: { volumes, containers: [{ name: 'c', volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) }] },
  });
  const facts = (pod: Pod): Parameters<VolumeManager['setUp']>[1] => ({ pod, podIps: [], nodeIp: '', allocatable: {} });

  test('are made, followed and removed without a trace', async () => {
    api.put('configmaps', { metadata: { name: 'c', namespace: 'd' }, data: { k: 'v', k2: 'v2' }, binaryData: { b: 'AAE=' } } as unknown as ConfigMap);
    api.put('secrets', { metadata: { name: 's', namespace: 'd' }, data: { p: Buffer.from('hidden').toString('base64') } } as unknown as Secret);
    const pod = podWith(
      { name: 'empty', emptyDir: {} }, { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }, { name: 'cm', configMap: { name: 'c', items: [{ key: 'k', path: 'x/y', mode: 0o400 }] } }, { name: 'all', configMap: { name: 'c' } },
      { name: 'secret', secret: { secretName: 's' } }, { name: 'down', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'mixed', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 7200 } }, { configMap: { name: 'c', items: [{ key: 'k', path: 'k' }] } }, { secret: { name: 's' } }] } },
      { name: 'maybe', secret: { secretName: 'gone', optional: true } },
    );
    const ready = await manager.setUp(pod, facts(pod));
    const at = (name: string, ...rest: string[]): string => join(ready.get(name)!.hostPath, ...rest);
    const text = (name: string, ...rest: string[]): string => readFileSync(at(name, ...rest), 'utf8');
    expect([text('cm', 'x/y'), text('all', 'k2'), text('secret', 'p'), text('down', 'l'), text('mixed', 'token'), text('mixed', 'p')]).toEqual(['v', 'v2', 'hidden', 'a="b"', 't1', 'hidden']);
    expect([...readFileSync(at('all', 'b'))]).toEqual([0, 1]);
    expect(statSync(at('empty')).mode & 0o777).toBe(0o777);
    expect((await host.disk.usage(at('memory'))).totalBytes).toBe(2 ** 20);
    expect(at('secret').startsWith(paths.memory)).toBe(true);
    expect(statSync(paths.memory).mode & 0o777).toBe(0o700);
    expect(tokenRequests).toMatchObject([{ spec: { audiences: ['vault'], expirationSeconds: 7200, boundObjectRef: { kind: 'Pod', name: 'p', uid: 'u' } } }]);
    expect(readdirSync(at('maybe')).filter((name) => !name.startsWith('..'))).toEqual([]);
    api.put('configmaps', { metadata: { name: 'c', namespace: 'd' }, data: { k: 'new' } } as unknown as ConfigMap);
    await manager.setUp(pod, facts(pod), { onlyChanging: true });
    expect(text('cm', 'x/y')).toBe('new');
    expect(tokenRequests).toHaveLength(1);
    await manager.tearDown('u');
    await host.disk.remove(paths.pod('u'));
    expect(readdirSync(paths.memory)).toEqual([]);
    expect((await new Mounts(host).points()).filter((point) => point.startsWith(folder))).toEqual([paths.memory]);
  });

  test('are told of changes of what they are filled from, wherever it stands', async () => {
    const pod = podWith({ name: 'a', configMap: { name: 'c' } }, { name: 'b', secret: { secretName: 's' } }, { name: 'm', projected: { sources: [{ configMap: { name: 'k' } }, { secret: { name: 't' } }, { downwardAPI: {} }] } });
    for (const name of ['c', 'k']) api.put('configmaps', { metadata: { name, namespace: 'd' } });
    for (const name of ['s', 't']) api.put('secrets', { metadata: { name, namespace: 'd' } });
    let told = 0;
    manager.follow(pod, () => void told++);
    await manager.setUp(pod, facts(pod));
    for (const [plural, name] of [['configmaps', 'c'], ['configmaps', 'k'], ['secrets', 's'], ['secrets', 't']] as const) {
      const before = told;
      api.put(plural, { metadata: { name, namespace: 'd' }, data: { x: '' } } as unknown as Secret);
      await expect.poll(() => told, { timeout: 20_000 }).toBe(before + 1);
    }
    await manager.tearDown('u');
    await expect.poll(() => api.watches, { timeout: 20_000 }).toBe(0);
  });

  test.each<[string, Volume, string]>([
    ['a missing ConfigMap', { name: 'v', configMap: { name: 'gone' } }, 'MountVolume.SetUp failed for volume "v" : configmap "gone" not found'],
    ['a missing key', { name: 'v', secret: { secretName: 's', items: [{ key: 'z', path: 'z' }] } }, 'references non-existent secret key: z'],
    ['a kind that is not offered', { name: 'v', nfs: { server: 's', path: '/p' } }, 'volumes of type nfs are not supported by this kubelet'],
    ['a source that is not offered', { name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 'p' } }] } }, 'projected source clusterTrustBundle is not supported by this kubelet'],
    ['a medium that is not offered', { name: 'v', emptyDir: { medium: 'HugePages' } }, 'emptyDir medium "HugePages" is not supported by this kubelet'],
    ['a claim that is not bound', { name: 'v', persistentVolumeClaim: { claimName: 'free' } }, 'PVC "free" is not bound'],
    ['a persistent volume that is not offered', { name: 'v', persistentVolumeClaim: { claimName: 'csi' } }, 'PV "pv-csi" is of type csi, which is not supported by this kubelet'],
  ])('%s is told by name', async (_name, volume, message) => {
    api.put('secrets', { metadata: { name: 's', namespace: 'd' }, data: {} } as unknown as Secret);
    api.put('persistentvolumeclaims', { metadata: { name: 'free', namespace: 'd' }, status: { phase: 'Pending' } } as unknown as PersistentVolumeClaim);
    api.put('persistentvolumeclaims', { metadata: { name: 'csi', namespace: 'd', uid: 'cu' }, spec: { volumeName: 'pv-csi' }, status: { phase: 'Bound' } } as unknown as PersistentVolumeClaim);
    api.put('persistentvolumes', { metadata: { name: 'pv-csi' }, spec: { claimRef: { uid: 'cu' }, capacity: {}, csi: {} } } as unknown as PersistentVolume);
    const pod = podWith(volume);
    const error: unknown = await manager.setUp(pod, facts(pod)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(VolumeError);
    expect((error as Error).message).toContain(message);
  });

  test('a bound claim leads to its folder', async () => {
    mkdirSync(join(folder, 'data'));
    api.put('persistentvolumeclaims', { metadata: { name: 'c', namespace: 'd', uid: 'cu' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } } as unknown as PersistentVolumeClaim);
    api.put('persistentvolumes', { metadata: { name: 'pv' }, spec: { claimRef: { uid: 'cu' }, local: { path: join(folder, 'data') } } } as unknown as PersistentVolume);
    const pod = podWith({ name: 'v', persistentVolumeClaim: { claimName: 'c', readOnly: true } });
    expect((await manager.setUp(pod, facts(pod))).get('v')).toEqual({ hostPath: join(folder, 'data'), readOnly: true });
  });

  test('only what is mounted is made', () => {
    const pod = podWith({ name: 'a', emptyDir: {} });
    pod.spec!.volumes!.push({ name: 'unused', nfs: { server: '', path: '' } });
    expect(mountedVolumes(pod).map((v) => v.name)).toEqual(['a']);
    expect(volumeKindOf({ name: 'x', nfs: { server: '', path: '' } }).folder).toBe('kubets~unsupported');
  });
});

describe('tokens', () => {
  test('are asked for once, renewed when 80% of their life is over, and used to their end while the API is away', async () => {
    let now = 0;
    let asked = 0;
    let isAway = false;
    const clock = { ...host.clock, now: () => now, monotonic: () => now };
    const transport = {
      async send() {
        if (isAway) throw new Error('away');
        const body = JSON.stringify({ status: { token: `t${++asked}`, expirationTimestamp: formatTime(now + 1_000_000) } });
        return { status: 201, headers: {}, body: (async function* bytes() { yield Buffer.from(body); })() };
      },
    };
    const source = new TokenSource(createClient(transport), clock);
    const pod: Pod = { metadata: { name: 'p', namespace: 'd', uid: 'u' } };
    const get = (): Promise<string> => source.get(pod, {});
    expect([await get(), await get()]).toEqual(['t1', 't1']);
    now = 799_000;
    expect(await get()).toBe('t1');
    now = 801_000;
    isAway = true;
    expect(await get()).toBe('t1');
    isAway = false;
    expect(await get()).toBe('t2');
    isAway = true;
    now += 2_000_000;
    await expect(get()).rejects.toThrow('away');
  });
});
