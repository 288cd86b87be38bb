/** The launcher is a shell script: what it says of memory must be what the program says when it starts its parts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allocatorSettings, nodeFlags } from './server-flags.ts';

test('the launcher starts Node as the program starts its parts', () => {
  const launcher = readFileSync(new URL('../../kubets', import.meta.url), 'utf8');
  const starts = launcher.trim().split('\n').at(-1);
  expect(starts).toBe(`exec "$node" ${nodeFlags.join(' ')} "$bundle" "$@"`);
  for (const [name, value] of Object.entries(allocatorSettings)) expect(launcher).toContain(`${name}="\${${name}:-${value}}"`);
});
