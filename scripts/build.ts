/** Bundles the command line and the library into dist/: one file each starts faster than hundreds. */
import { build } from 'esbuild';
import { rm, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Packages that hold native code or files of their own stay outside of the bundle. */
const external = ['lmdb', 'koffi', 'pino', '@grpc/grpc-js'];

// Built beside the target and renamed, so that two launchers at once never run half a bundle.
const staging = `dist-${process.pid}`;
await build({
  absWorkingDir: root,
  entryPoints: { kubets: 'src/main/index.ts', testing: 'src/testing/index.ts' },
  outdir: staging,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external,
  sourcemap: 'linked',
  // Names stay as they are: they stand in stack traces and profiles.
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  logLevel: 'error',
  // CommonJS libraries inside an ES module bundle still ask for require.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
});
await writeFile(`${root}/${staging}/package.json`, '{ "type": "module" }\n');
await rm(`${root}/dist`, { recursive: true, force: true });
await rename(`${root}/${staging}`, `${root}/dist`);
