/** Brings the shared cluster up before the tests, takes it down after them, and then looks for what it left behind. */
import { readFileSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { cannotRun, root } from './cluster.ts';
import { leftBehind, machineTraces, Sandbox } from './sandbox.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sandbox: { name: string; directory: string } | undefined;
    skipped: string | undefined;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const why = cannotRun();
  project.provide('skipped', why);
  if (why !== undefined) {
    process.stderr.write(`\n*** END-TO-END TESTS ARE SKIPPED: ${why} ***\n\n`);
    project.provide('sandbox', undefined);
    return async () => undefined;
  }
  const before = await machineTraces();
  const name = `e2e${process.pid}`;
  const sandbox = new Sandbox(root, name);
  await sandbox.create();
  const up = await sandbox.kubets(['up', '--demo']);
  if (up.code !== 0) {
    process.stderr.write(`${up.stdout}\n${up.stderr}\n`);
    for (const log of ['control-plane', 'node-1']) {
      try {
        process.stderr.write(`--- ${log}\n${readFileSync(`${sandbox.dataDir}/logs/${log}.log`, 'utf8').slice(-6000)}\n`);
      } catch {
        // It never got as far as a log.
      }
    }
    await sandbox.kubets(['reset', '--yes']);
    await sandbox.remove();
    throw new Error(`"kubets up" ended with ${up.code}`);
  }
  process.stderr.write(up.stdout);
  project.provide('sandbox', { name, directory: sandbox.directory });
  return async () => {
    const reset = await sandbox.kubets(['reset', '--yes']);
    await sandbox.remove();
    if (reset.code !== 0) throw new Error(`"kubets reset" ended with ${reset.code}: ${reset.stdout}${reset.stderr}`);
    const left = leftBehind(before, await machineTraces());
    if (Object.keys(left).length > 0) throw new Error(`the cluster left something behind: ${JSON.stringify(left, undefined, 1)}`);
  };
}
