import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Codec } from './codec.ts';
import { criEnums, criMessages } from './messages.ts';

const codec = new Codec(criMessages, criEnums);

describe('the protobuf codec', () => {
  test('bytes of a request are those that the encoding prescribes', () => {
    expect(codec.encode('VersionRequest', { version: 'v1' }).toString('hex')).toBe('0a027631');
    expect(codec.encode('StopContainerRequest', { containerId: 'a', timeout: 300 }).toString('hex')).toBe('0a016110ac02');
    expect(codec.encode('LinuxContainerResources', { cpuQuota: -1 }).toString('hex')).toBe('10ffffffffffffffffff01');
    expect(codec.encode('Mount', { propagation: 'bidirectional', readonly: false }).toString('hex')).toBe('2802');
    expect(codec.encode('LinuxContainerSecurityContext', { runAsUser: 0 }).toString('hex')).toBe('2a020800');
  });

  test('absent fields have their zero values, absent messages are undefined', () => {
    expect(codec.decode('PodSandboxStatus', new Uint8Array())).toEqual({
      id: '', state: 'ready', createdAt: 0, labels: {}, annotations: {}, runtimeHandler: '',
    });
  });

  test('times are milliseconds here and nanoseconds on the wire', () => {
    const bytes = codec.encode('ContainerStatus', { startedAt: 1_700_000_000_000.5 });
    expect(codec.decode<{ startedAt: number }>('ContainerStatus', bytes).startedAt).toBeCloseTo(1_700_000_000_000.5, 2);
  });

  test('packed and single repeated numbers are both read', () => {
    expect(codec.decode('LinuxContainerUser', Buffer.from('1a03010203', 'hex'))).toEqual({ uid: 0, gid: 0, supplementalGroups: [1, 2, 3] });
    expect(codec.decode('LinuxContainerUser', Buffer.from('180118021803', 'hex'))).toEqual({ uid: 0, gid: 0, supplementalGroups: [1, 2, 3] });
  });

  test('unknown fields and unknown words are passed over', () => {
    expect(codec.decode('VersionRequest', Buffer.from('f23f01610a027631', 'hex'))).toEqual({ version: 'v1' });
    expect(codec.decode<{ state: string }>('Container', Buffer.from('3063', 'hex')).state).toBe('unknown(99)');
  });

  test('a wrong word, an unknown message and cut bytes are refused', () => {
    expect(() => codec.encode('Mount', { propagation: 'sideways' })).toThrow(/"sideways" is not a MountPropagation/);
    expect(() => codec.encode('Nothing', {})).toThrow(/"Nothing" is not in the table/);
    expect(() => codec.decode('VersionRequest', Buffer.from('0a05', 'hex'))).toThrow(/cut short/);
  });

  test('keys that every JavaScript object has are keys like any other', () => {
    const labels = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    const decoded = codec.decode('ContainerConfig', codec.encode('ContainerConfig', { labels })) as { labels: object };
    expect(Object.entries(decoded.labels)).toEqual([['__proto__', 'a'], ['constructor', 'b']]);
  });

  test('what is encoded is decoded to the same (property)', () => {
    const container = fc.record({
      metadata: fc.record({ name: fc.string(), attempt: fc.nat() }),
      command: fc.array(fc.string()),
      labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      tty: fc.boolean(),
      envs: fc.array(fc.record({ key: fc.string(), value: fc.uint8Array().map((bytes) => Buffer.from(bytes)) })),
      stopSignal: fc.constantFrom(...criEnums.Signal!),
      linux: fc.record({ resources: fc.record({ cpuQuota: fc.maxSafeInteger(), unified: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }) }) }),
    });
    fc.assert(fc.property(container, (value) => {
      expect(codec.decode('ContainerConfig', codec.encode('ContainerConfig', value))).toMatchObject(value);
    }), { numRuns: 100 });
  });
});

const facts = fileURLToPath(new URL('../../../shared/k8s-api/cri.json', import.meta.url));

describe.skipIf(!existsSync(facts))('the message table against the facts of the API', () => {
  interface Facts { cri: { messages: Record<string, [number, string, string, ...string[]][]> } }
  const camel = (text: string): string => {
    const joined = text.replaceAll(/_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
    return joined === 'CDIDevices' ? 'cdiDevices' : joined[0]!.toLowerCase() + joined.slice(1);
  };

  test('every field has the number that CRI gives it, and none is missing', () => {
    const { cri } = JSON.parse(readFileSync(facts, 'utf8')) as Facts;
    for (const [name, text] of Object.entries(criMessages)) {
      const ours = text === '' ? [] : text.split('|').map((part) => part.split(' ').slice(0, 2).join(' '));
      const theirs = cri.messages[name]!.filter((field) => !field.includes('deprecated') && !field[2].includes('Windows')).map(([number, field]) => `${number} ${camel(field)}`);
      expect([name, ours]).toEqual([name, theirs]);
    }
  });
});
