/** Every controller says what it promises: in words, in a table of its decisions, and as named properties that can be broken. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Stage, type Scenario } from './history.fixture.ts';
import { controllers } from './index.ts';
import { promises } from './promises.ts';
import { clusterScenarios } from './scenarios-cluster.fixture.ts';
import { nodeScenarios } from './scenarios-nodes.fixture.ts';
import { storageScenarios } from './scenarios-storage.fixture.ts';
import { workloadScenarios } from './scenarios-workloads.fixture.ts';

const scenarios: Readonly<Record<string, Scenario>> = { ...workloadScenarios, ...nodeScenarios, ...storageScenarios, ...clusterScenarios };
const names = controllers.map(([name]) => name);
const home = import.meta.dirname;
const textOf = (folder: string, file: string): string => readFileSync(join(home, folder, file), 'utf8');

test('every controller has promises, and all promises are of controllers', () => {
  expect(Object.keys(promises).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  const { folder, safety, liveness } = promises[name]!;
  const files = readdirSync(join(home, folder));

  test('states its contract in words', () => {
    const heads = files.filter((file) => file === 'README.md' || (/^(controller|decide)\.ts$/.test(file))).map((file) => (file === 'README.md' ? textOf(folder, file) : (/^\/\*\*([\s\S]*?)\*\//.exec(textOf(folder, file))?.[1] ?? '')));
    expect(heads.filter((head) => /\bcontract\b/i.test(head)).join('').length).toBeGreaterThan(100);
  });

  test('has a table test of its decisions', () => {
    const tables = files.filter((file) => file.endsWith('.test.ts')).map((file) => textOf(folder, file)).filter((text) => /from '\.\.?\/[a-z-]*\/?decide\.ts'/.test(text) && /(test|it|describe)\.each[<(]/.test(text));
    expect(tables.length, `${folder} has a test of decide.ts with named rows`).toBeGreaterThan(0);
  });

  test('names what never and what at last happens', () => {
    expect(safety.length).toBeGreaterThan(0);
    expect(liveness.length).toBeGreaterThan(0);
    for (const { name: title, promise } of [...safety, ...liveness]) expect(`${title}: ${promise}`).toMatch(/^.{6,80}: .{20,}$/);
    expect(Object.keys(scenarios[name]?.breaks ?? {}).sort(), 'each property is broken on purpose').toEqual([...safety, ...liveness].map((each) => each.name).sort());
  });

  test.each(Object.entries(scenarios[name]?.breaks ?? {}))('"%s" can be broken', (title, play) => {
    const stage = new Stage(promises[name]!);
    play(stage);
    expect(stage.complaints().join('\n')).toContain(`${title}: `);
  });
});
