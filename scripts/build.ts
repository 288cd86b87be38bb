/** Bundles the command line and the library into dist/: one file each starts faster than hundreds. */
import { build, type Plugin } from 'esbuild';
import { cp, readdir, readFile, rm, rename, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Packages that hold files of their own stay outside of the bundle. */
const external = ['koffi', '@grpc/grpc-js'];

/**
 * lmdb goes into the bundle all but its native code, which it looks for in the folder of its own package. With pino these were fifty files, a tenth of a start's
 * processor time.
 */
const lmdbFromItsPackage: Plugin = {
  name: 'lmdb-from-its-package',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]lmdb[/\\]native\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace('fileURLToPath(import.meta.url)', "require.resolve('lmdb')");
      if (contents === text) throw new Error('lmdb no longer looks for its native code as it did: see scripts/build.ts');
      return { contents, loader: 'js' };
    });
  },
};

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
  plugins: [lmdbFromItsPackage],
  // What lmdb could pack values with, and is not asked to: the store keeps bytes.
  define: { 'process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED': '"true"' },
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
await keepChunks(`${root}/dist/chunks`, `${root}/${staging}/chunks`);
await rm(`${root}/dist`, { recursive: true, force: true });
await rename(`${root}/${staging}`, `${root}/dist`);

/**
 * A cluster that runs while the bundle is made anew has not loaded all of its own yet: chunks of the bundles before, named by what is in them, stay for a month.
 */
async function keepChunks(from: string, to: string): Promise<void> {
  const oldest = Date.now() - 30 * 24 * 60 * 60_000;
  const made = new Set(await readdir(to));
  for (const name of await readdir(from).catch(() => [])) {
    const { mtimeMs } = await stat(`${from}/${name}`);
    if (!made.has(name) && mtimeMs > oldest) await cp(`${from}/${name}`, `${to}/${name}`, { preserveTimestamps: true });
  }
}
