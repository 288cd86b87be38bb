import { expect, test } from 'vitest';
import { backendConformance } from './conformance.ts';
import { memoryBackend } from './memory.ts';

backendConformance('memory', async (options) => memoryBackend(options));

test('a time to live without a clock is refused by name', async () => {
  await expect(memoryBackend().commit({ type: 'create', key: '/a', value: new Uint8Array(), ttlSeconds: 1 })).rejects.toThrow('"/a" has a time to live');
});
