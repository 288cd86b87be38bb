/**
 * What encoding and decoding cost, against the engine's own JSON, all from one run: `node bench/codec.ts [--rounds 2000] [--out FILE]`.
 * A typical pod with its status, as a list of pods has it 5,000 times.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { decodeCbor } from '../src/api/cbor/decode.ts';
import { encodeCbor } from '../src/api/cbor/encode.ts';
import { decodeObject } from '../src/api/decode.ts';
import { applyDefaults } from '../src/api/defaults.ts';
import { decodeProtobuf } from '../src/api/protobuf/decode.ts';
import { encodeProtobuf } from '../src/api/protobuf/encode.ts';
import { samplePod } from './sample-pod.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2000' }, out: { type: 'string' } } });
const rounds = Number(values.rounds);
const SCHEMA = 'io.k8s.api.core.v1.Pod';

/** Many pods, so that nothing is fast only because it is always the same object. */
const pods = Array.from({ length: 50 }, (_, i) => {
  const { object } = decodeObject<{ apiVersion: string; kind: string }>(SCHEMA, samplePod(i));
  applyDefaults(SCHEMA, object, { nowMs: 0 });
  return object;
});
const json = pods.map((pod) => Buffer.from(JSON.stringify(pod)));
const protobuf = pods.map((pod) => Buffer.from(encodeProtobuf(SCHEMA, pod)));
const cbor = pods.map((pod) => encodeCbor(pod, SCHEMA));

const works: Record<string, (i: number) => unknown> = {
  'JSON.stringify': (i) => Buffer.from(JSON.stringify(pods[i % 50])),
  'protobuf encode': (i) => encodeProtobuf(SCHEMA, pods[i % 50]!),
  'CBOR encode': (i) => encodeCbor(pods[i % 50], SCHEMA),
  'JSON.parse': (i) => JSON.parse(json[i % 50]!.toString()) as unknown,
  'protobuf decode': (i) => decodeProtobuf(SCHEMA, protobuf[i % 50]!),
  'CBOR decode': (i) => decodeCbor(cbor[i % 50]!),
  'JSON.parse and decodeObject': (i) => decodeObject(SCHEMA, JSON.parse(json[i % 50]!.toString())),
};

const best = new Map<string, number>();
for (let pass = 0; pass < 8; pass++) {
  for (const [name, work] of Object.entries(works)) {
    const began = performance.now();
    for (let i = 0; i < rounds; i++) work(i);
    const each = ((performance.now() - began) * 1000) / rounds;
    // The first passes are the compiler's.
    if (pass >= 2) best.set(name, Math.min(best.get(name) ?? Infinity, each));
  }
}
const rows = Object.keys(works).map((name) => {
  const against = name.includes('ncode') || name.includes('stringify') ? 'JSON.stringify' : 'JSON.parse';
  return { what: name, microseconds: Number(best.get(name)!.toFixed(2)), against, ratio: Number((best.get(name)! / best.get(against)!).toFixed(2)) };
});
console.table(rows);
console.log(`bytes a pod: JSON ${json[0]!.length}, protobuf ${protobuf[0]!.length}, CBOR ${cbor[0]!.length}`);
if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify({ node: process.version, rows }, undefined, 2)}\n`);
