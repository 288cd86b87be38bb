/** Starts the server that benchmarks speak to in a process of its own, as the launcher would start it. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { allocatorSettings, nodeFlags } from '../src/main/server-flags.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

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
  const server = fork(program, { execArgv: [...nodeFlags, ...process.env['SERVER_FLAGS']?.split(' ') ?? []], env: { ...allocatorSettings, ...process.env } });
  process.once('exit', () => server.kill('SIGKILL'));
  return server;
}
