/** What the server says it is. Clients read the minor version to know what they may ask for. */
import type { BuildInfo } from '../../base/component-metrics.ts';

/** The Kubernetes API that is spoken. */
export const apiMajor = '1';
export const apiMinor = '36';
export const apiPatch = '2';

/**
 * `build` is this project's own version. It stands in the build part (`+…`) of the semantic version, where comparisons do not see it:
 * a pre-release part would make the server older than v1.36.2 for charts that ask for `>=1.36`.
 */
export function versionInfo(build: string, architecture: string): BuildInfo {
  return {
    major: apiMajor,
    minor: apiMinor,
    gitVersion: `v${apiMajor}.${apiMinor}.${apiPatch}+kubets.${build}`,
    // What is published carries no history; upstream's field is never empty.
    gitCommit: 'unknown',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: `node-${process.version}`,
    platform: `linux/${architecture}`,
  };
}
