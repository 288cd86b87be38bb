/** Whatever can be read of an object of any kind, its rules come to an end with it: never an exception, which would be the server's fault. */
import * as fc from 'fast-check';
import { beforeAll, describe, test } from 'vitest';
import { setOwn } from '../base/own.ts';
import { decodeObject } from './decode.ts';
import { applyDefaults } from './defaults.ts';
import { StatusError } from './meta/status.ts';
import type { KubeObject } from './meta/v1/types.ts';
import { objectsOf } from './random-objects.fixture.ts';
import { contextFor, kindOf, loadOffKinds, NOW, OFF_KINDS, SAMPLE_KINDS, sampleOf, type Loose } from './strategies.fixture.ts';

const SEED = 20_261_127;
const RUNS = Number(process.env['RUNS'] ?? 40);

/** What is random in place of what is usual, as deep as both go. */
function mixed(usual: Loose, random: Loose): Loose {
  if (Array.isArray(usual) && Array.isArray(random)) return random.map((item, i) => (i < usual.length ? mixed(usual[i], item) : item));
  if (typeof usual !== 'object' || typeof random !== 'object' || usual === null || random === null || Array.isArray(usual) || Array.isArray(random)) return random;
  const out: Record<string, unknown> = { ...usual };
  for (const key of Object.keys(random)) setOwn(out, key, Object.hasOwn(out, key) ? mixed(out[key], random[key]) : random[key]);
  return out;
}

/** As the server reads it; undefined for what cannot be read. */
function read(schema: string, written: unknown): (KubeObject & Loose) | undefined {
  try {
    const { object } = decodeObject<KubeObject & Record<string, unknown>>(schema, written);
    object.metadata ??= {};
    applyDefaults(schema, object, { nowMs: NOW });
    return object;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

beforeAll(loadOffKinds);

describe.each([...SAMPLE_KINDS, ...OFF_KINDS])('%s', (key) => {
  test('never: a rule throws', () => {
    const { schema, strategy } = kindOf(key);
    fc.assert(fc.property(objectsOf(schema), objectsOf(schema), (one, other) => {
      const old = read(schema, mixed(sampleOf(key), one));
      if (old === undefined) return;
      old.metadata.namespace ??= 'default';
      strategy.prepareForCreate?.(old, contextFor());
      strategy.validate?.(old, contextFor());
      strategy.warnings?.(old, undefined, contextFor());
      strategy.selectableFields?.(old);
      for (const subresource of ['', 'status']) {
        const next = read(schema, mixed(mixed(sampleOf(key), one), other));
        if (next === undefined) return;
        strategy.prepareForUpdate?.(next, old, contextFor(subresource));
        strategy.validateUpdate?.(next, old, contextFor(subresource));
        strategy.warnings?.(next, old, contextFor(subresource));
      }
    }), { seed: SEED, numRuns: RUNS });
  });
});
