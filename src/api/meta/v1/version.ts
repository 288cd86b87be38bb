/**
 * What `/version` answers.
 * @package io.k8s.apimachinery.pkg.version
 */

/** Version of the server. */
export interface Info {
  /** First number of the version. @required */
  major: string;
  /** Second number of the version. @required */
  minor: string;
  /** First number of the version that the server behaves as. */
  emulationMajor?: string;
  /** Second number of the version that the server behaves as. */
  emulationMinor?: string;
  /** First number of the oldest version that the server works beside. */
  minCompatibilityMajor?: string;
  /** Second number of the oldest version that the server works beside. */
  minCompatibilityMinor?: string;
  /** Whole version, as `v1.36.2`. @required */
  gitVersion: string;
  /** Commit that the server was built from. @required */
  gitCommit: string;
  /** Whether the tree of that commit was clean. @required */
  gitTreeState: string;
  /** When it was built. @required */
  buildDate: string;
  /** Version of the language's runtime. @required */
  goVersion: string;
  /** Compiler or runtime. @required */
  compiler: string;
  /** Operating system and architecture, as `linux/amd64`. @required */
  platform: string;
}
