import { expect, test } from 'vitest';
import { readAtMost } from './read-at-most.ts';

test.each([
  ['nothing', [], 0, ''], ['one piece', ['abc'], 3, 'abc'], ['several', ['a', '', 'bc'], 10, 'abc'],
])('%s', async (_, pieces, max, text) => {
  const body = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  })();
  expect((await readAtMost(body, max)).toString()).toBe(text);
});

test('what is too long is left', async () => {
  let ended = false;
  const body = (async function* () {
    try {
      for (;;) yield Buffer.alloc(4);
    } finally {
      ended = true;
    }
  })();
  await expect(readAtMost(body, 10)).rejects.toThrow('the answer is longer than 10 bytes');
  expect(ended).toBe(true);
});
