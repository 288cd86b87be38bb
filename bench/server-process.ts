/** Starts the server that benchmarks speak to in a process of its own, as the launcher would start it. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the launcher gives Node: see `kubets` and `src/main/supervise.ts`. */
const launcherFlags = ['--no-warnings', '--min-semi-space-size=4', '--max-semi-space-size=12'];
const launcherEnv = { MALLOC_ARENA_MAX: '2' };

/** The server in one file, as it is shipped: what makes JavaScript of TypeScript shall not be measured. */
async function bundle(): Promise<string> {
  const outfile = `${root}node_modules/.cache/kubets-bench/server-${process.pid}.mjs`;
  await build({
    absWorkingDir: root, entryPoints: ['bench/apiserver-server.ts'], outfile, bundle: true, platform: 'node', target: 'node24', format: 'esm', logLevel: 'error',
    external: ['lmdb', 'koffi', 'pino', '@grpc/grpc-js'], minifySyntax: true, minifyWhitespace: true,
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  return outfile;
}

/** `SERVER_FLAGS` go to the server's Node after the launcher's. */
export async function startServerProcess(bundled: boolean): Promise<ChildProcess> {
  const program = bundled ? await bundle() : fileURLToPath(new URL('./apiserver-server.ts', import.meta.url));
  const server = fork(program, { execArgv: [...launcherFlags, ...process.env['SERVER_FLAGS']?.split(' ') ?? []], env: { ...launcherEnv, ...process.env } });
  process.once('exit', () => server.kill('SIGKILL'));
  return server;
}
