/** Facts of this package itself. */
import { versionInfo } from '../apiserver/endpoints/version.ts';
import type { BuildInfo } from '../base/component-metrics.ts';
import type { Host } from '../host/types.ts';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json, both from src/ and from the bundle in dist/. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  // dist/ has a package.json of its own, which only says that it holds modules.
  while (!existsSync(join(directory, 'kubets')) && dirname(directory) !== directory) directory = dirname(directory);
  return directory;
}

/** What a component on this machine says it is. */
export const buildInfo = (host: Host): BuildInfo => versionInfo(packageVersion(), host.machine.info().architecture);

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
