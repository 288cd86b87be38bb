import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeObject, fieldProblems, parseJson, parseYaml, parseYamlStrictly, strictDecodingMessage, undecodable } from './decode.ts';

const POD = 'io.k8s.api.core.v1.Pod';
const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';
const PREFIX = 'Deployment in version "v1" cannot be handled as a Deployment: ';

describe('decodeObject', () => {
  test('drops unknown fields and names them', () => {
    const input = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a', foo: 1 }, spec: { containers: [{ name: 'c', Image: 'x', env: [{ name: 'A', valeu: 1 }] }] }, extra: {} };
    const { object, unknownFields } = decodeObject(POD, input);
    expect(unknownFields).toEqual(['metadata.foo', 'spec.containers[0].env[0].valeu', 'spec.containers[0].Image', 'extra']);
    expect(JSON.stringify(object)).toBe('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","env":[{"name":"A"}],"resources":{}}]},"status":{}}');
    expect(decodeObject(POD, input, { fieldValidation: 'Ignore' }).unknownFields).toEqual([]);
  });
  test('leaves its input alone', () => {
    const input = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', resources: { limits: { cpu: '0.5' } } }] } };
    const before = structuredClone(input);
    decodeObject(POD, input);
    expect(input).toEqual(before);
  });
  test('writes the fields in the order of the schema', () => {
    const { object } = decodeObject(DEPLOYMENT, { spec: { template: {}, replicas: 1 }, metadata: {}, apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(Object.keys(object)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
  });
  test('keeps what is empty only where the API does', () => {
    const { object } = decodeObject(DEPLOYMENT, { spec: { replicas: 0, paused: false, template: { spec: { nodeName: '', tolerations: [], nodeSelector: {}, containers: [{ name: 'c', image: 'i', command: null }] } } } });
    expect(object).toEqual({
      metadata: {}, spec: { replicas: 0, template: { metadata: {}, spec: { containers: [{ name: 'c', image: 'i', resources: {} }] } }, strategy: {} }, status: {},
    });
  });
  test('puts quantities, times and bytes into their one form', () => {
    expect(decodeObject(POD, { metadata: { creationTimestamp: '2026-01-31T12:00:00.5+02:00' }, spec: { containers: [{ name: 'c', resources: { limits: { memory: '1024Mi', cpu: 2 } } }] } }).object).toMatchObject({
      metadata: { creationTimestamp: '2026-01-31T10:00:00Z' }, spec: { containers: [{ resources: { limits: { memory: '1Gi', cpu: '2' } } }] },
    });
    expect(decodeObject('io.k8s.api.core.v1.Secret', { data: { a: 'aGVs\nbG8=', b: null } }).object).toEqual({ metadata: {}, data: { a: 'aGVsbG8=', b: '' } });
  });
  test('reads the unions of CRD schemas', () => {
    const name = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
    const { object, unknownFields } = decodeObject(name, { additionalProperties: false, items: { type: 'string', foo: 1 }, dependencies: { a: ['b'] }, enum: [1, 'x'], default: { a: 1 }, $ref: '#' });
    expect(object).toEqual({ $ref: '#', default: { a: 1 }, enum: [1, 'x'], items: { type: 'string' }, additionalProperties: false, dependencies: { a: ['b'] } });
    expect(unknownFields).toEqual([]);
    expect(() => decodeObject(name, { additionalProperties: 1 })).toThrow('boolean or JSON schema expected');
  });
  test('a key called __proto__ is a key', () => {
    const { object } = decodeObject<{ metadata: { labels: object } }>(POD, JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}'));
    expect(Object.keys(object.metadata.labels)).toEqual(['__proto__']);
  });

  test.each([
    ['a string for a number', { spec: { replicas: '3' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a fraction', { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['too large a number', { spec: { replicas: 3_000_000_000 } }, 'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['an object for a list', { spec: { template: { spec: { containers: {} } } } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container'],
    ['a string for an object', { spec: 'x' }, 'json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    ['a number for a label', { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    ['a list for labels', { metadata: { labels: [] } }, 'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string'],
    ['a string for a boolean', { spec: { paused: 'true' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool'],
    ['a boolean for a string', { spec: { template: { spec: { containers: [{ image: true }] } } } }, 'json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.image of type string'],
    ['a list for everything', [], 'json: cannot unmarshal array into Go value of type v1.Deployment'],
    ['a broken quantity', { spec: { template: { spec: { containers: [{ resources: { limits: { cpu: 'x' } } }] } } } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ['a broken time', { metadata: { creationTimestamp: 'x' } }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['a boolean for a port', { spec: { template: { spec: { containers: [{ livenessProbe: { tcpSocket: { port: true } } }] } } } }, 'json: cannot unmarshal bool into Go struct field TCPSocketAction.spec.template.spec.containers.livenessProbe.ProbeHandler.tcpSocket.port of type int32'],
    ['a number for a time', { metadata: { creationTimestamp: 5 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string'],
    ['a number for a word of a set', { spec: { template: { spec: { restartPolicy: 5 } } } }, 'json: cannot unmarshal number into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy'],
    ['a boolean for a uid', { metadata: { uid: true } }, 'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.uid of type types.UID'],
    ['a list for quantities', { spec: { template: { spec: { overhead: [] } } } }, 'json: cannot unmarshal array into Go struct field PodSpec.spec.template.spec.overhead of type v1.ResourceList'],
    ['a number for a path in a volume', { spec: { template: { spec: { volumes: [{ hostPath: { path: 5 } }] } } } }, 'json: cannot unmarshal number into Go struct field HostPathVolumeSource.spec.template.spec.volumes.VolumeSource.hostPath.path of type string'],
  ])('%s is refused', (_, json, message) => {
    expect(() => decodeObject(DEPLOYMENT, json)).toThrow(PREFIX + message);
  });
  test.each([
    ['a point', '{"spec":{"replicas":1.0}}', 'json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['an exponent', '{"spec":{"replicas":1e3}}', 'json: cannot unmarshal number 1e3 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a point in a port that may be a name', '{"spec":{"template":{"spec":{"containers":[{"livenessProbe":{"tcpSocket":{"port":80.0}}}]}}}}',
      'json: cannot unmarshal number 80.0 into Go struct field TCPSocketAction.spec.template.spec.containers.livenessProbe.ProbeHandler.tcpSocket.port of type int32'],
  ])('a whole number with %s is none', (_, text, message) => {
    expect(() => decodeObject(DEPLOYMENT, parseJson(text).value)).toThrow(PREFIX + message);
  });
  test('quantities keep the form in which their number is written', () => {
    const { object } = decodeObject('io.k8s.api.core.v1.ResourceQuota', parseJson('{"spec":{"hard":{"a":1e3,"b":1.50,"c":1000}}}').value);
    expect(object).toMatchObject({ spec: { hard: { a: '1e3', b: '1500m', c: '1k' } } });
  });
  test("Go's zero time is no time", () => {
    expect(decodeObject('io.k8s.api.core.v1.ConfigMap', { metadata: { name: 'a', creationTimestamp: '0001-01-01T00:00:00Z' } }).object).toEqual({ metadata: { name: 'a' } });
  });
  test.each([['YQ===', 4], ['YQ==YQ==', 4], ['Y', 0], ['YQ', 0], ['=YQ=', 0], ['-_--', 0]])('base64 %s stops at byte %i', (text, at) => {
    expect(() => decodeObject('io.k8s.api.core.v1.Secret', { data: { a: text } })).toThrow(`illegal base64 data at input byte ${at}`);
  });
  test('broken base64 is refused', () => {
    expect(() => decodeObject('io.k8s.api.core.v1.Secret', { data: { a: '%%' } })).toThrow('Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0');
  });
  test('words what strict validation finds', () => {
    const problems = fieldProblems({ unknownFields: ['spec.foo'], duplicates: ['spec.replicas'] });
    expect(undecodable(DEPLOYMENT, { kind: 'Deployment', apiVersion: 'apps/v1' }, strictDecodingMessage(problems)).message).toBe(`${PREFIX}strict decoding error: duplicate field "spec.replicas", unknown field "spec.foo"`);
  });
  test('decoding what was decoded changes nothing', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.string()), fc.option(fc.nat(9)), fc.array(fc.record({ name: fc.string(), image: fc.string() }, { requiredKeys: [] })), (labels, replicas, containers) => {
      const once = decodeObject(DEPLOYMENT, { metadata: { labels }, spec: { replicas, template: { spec: { containers } } } }).object;
      expect(decodeObject(DEPLOYMENT, once)).toEqual({ object: once, unknownFields: [] });
    }));
  });
});

describe('parseJson', () => {
  test('finds fields that come twice, the last one counts', () => {
    expect(parseJson('{"a":{"b":1,"c":[{"x":1,"x":2}],"b":3}}', { strict: true })).toEqual({ value: { a: { b: 3, c: [{ x: 2 }] } }, duplicates: ['a.c[0].x', 'a.b'] });
    expect(parseJson('{"a":1,"a":2}')).toEqual({ value: { a: 2 }, duplicates: [] });
    expect(parseJson('{"a:b":"c:d","e":"\\":\\\\"}', { strict: true }).duplicates).toEqual([]);
  });
  test.each([
    ['nothing', '', 'unexpected end of JSON input'], ['a word', 'x', "invalid character 'x' looking for beginning of value"], ['an open object', '{"a":1', 'unexpected end of JSON input'],
    ['a bare key', '{a:1}', "invalid character 'a' looking for beginning of object key string"], ['no colon', '{"a" 1}', "invalid character '1' after object key"],
    ['no comma', '[1 2]', "invalid character '2' after array element"], ['something after it', '{} x', "invalid character 'x' after top-level value"],
    ['a broken literal', '{"a":trux}', "invalid character 'x' in literal true (expecting 'e')"], ['a broken escape', '"\\q"', "invalid character 'q' in string escape code"],
    ['a control character in a string', '"a\u0001b"', "invalid character '\\x01' in string literal"], ['a byte order mark', '\uFEFF{}', "invalid character 'ï' looking for beginning of value"],
    ['what is no ASCII, by its first byte', '[1é]', "invalid character 'Ã' after array element"],
    ['a line break in a string', '"a\nb"', "invalid character '\\n' in string literal"], ['a comma too many', '[1,]', "invalid character ']' looking for beginning of value"],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseJson(text)).toThrow(`couldn't get version/kind; json parse error: ${message}`);
  });
  test('halves of characters are replaced', () => {
    expect(parseJson(String.raw`["\ud800", "\uDE00x", "\ud83d\ude00"]`).value).toEqual(['\uFFFD', '\uFFFDx', '😀']);
  });
  test('nesting has an end', () => {
    expect(() => parseJson('['.repeat(1000) + ']'.repeat(1000))).toThrow('exceeded max depth');
  });
  test('agrees with the engine', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      // Long whole numbers come exact: the engine's do not.
      fc.pre(!/\d{16}/.test(text));
      expect(parseJson(text, { strict: true })).toEqual({ value: JSON.parse(text), duplicates: [] });
    }));
  });
});

describe('parseYaml', () => {
  test.each([
    ['words for booleans', '[yes, No, on, OFF, y, true]', [true, false, true, false, true, true]], ['quoted words', '["yes", \'no\']', ['yes', 'no']],
    ['octal', '[0777, 0o17, 08]', [511, 15, 8]], ['other bases', '[0x1F, 0b11]', [31, 3]], ['underscores', '1_000', 1000], ['no sexagesimal', '12:30:45', '12:30:45'],
    ['dates stay text', '2026-01-31', '2026-01-31'], ['nulls', '[~, null, ]', [null, null]], ['floats', '[1.5, .5, 1e3, -2E-1]', [1.5, 0.5, 1000, -0.2]],
    ['keys become text', '{1: a, true: b, 1.5: c}', { 1: 'a', true: 'b', 1.5: 'c' }], ['merging', 'a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}', { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
    ['merging after', 'a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}', { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }], ['the first document', 'a: 1\n---\nb: 2', { a: 1 }], ['nothing', '# x\n', null],
    ['JSON', '{"a": [1, "b"]}', { a: [1, 'b'] }], ['a block', 'a: |\n  x\n  y\n', { a: 'x\ny\n' }], ['binary', 'a: !!binary aGVsbG8=', { a: 'hello' }],
  ])('%s', (_, text, expected) => {
    expect(parseYaml(text)).toEqual(expected);
  });
  test('keys that come twice are named', () => {
    expect(parseYamlStrictly('a: 1\na: 2')).toEqual({ value: { a: 2 }, duplicates: ['a'], repeated: ['line 2: key "a" already set in map'] });
  });
  test.each([['an open list', 'a: [1', /^yaml: /], ['infinity', 'a: .inf', /^json: unsupported value: \+Inf$/], ['a null key', '{~: 1}', /^yaml: /]])('%s is refused', (_, text, message) => {
    expect(() => parseYaml(text)).toThrow(message);
  });
  test('aliases have a limit', () => {
    const text = `a: &a [x]\nb: [${Array.from({ length: 2000 }, () => '*a').join(',')}]`;
    expect(() => parseYaml(text)).toThrow();
  });
});
