import { defineConfig } from 'vitest/config';

/** Real containers, real clients, one file after the other: they share a machine. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    pool: 'forks',
    sequence: { concurrent: false },
  },
});
