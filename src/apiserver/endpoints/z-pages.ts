/** `/statusz` and `/flagz`: what this server is and how it was started, for people. */
import { failure } from '../../api/meta/status.ts';
import type { Clock } from '../../host/types.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import type { VersionInfo } from './version.ts';

const component = 'kube-apiserver';
const warning = 'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';

function mustAcceptText(request: ServerRequest): void {
  const accept = request.headers['accept'] ?? '';
  if (accept !== '' && !accept.split(',').some((part) => /^\s*(?:text\/plain|text\/\*|\*\/\*)\s*(?:;|$)/i.test(part))) throw failure(406, 'NotAcceptable', 'only the following media types are accepted: text/plain');
}

/** `0 hr 02 min 07 sec`. */
export function uptimeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (amount: number): string => String(amount % 60).padStart(2, '0');
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60))} min ${two(seconds)} sec`;
}

export interface ZPagesOptions {
  clock: Clock;
  version: VersionInfo;
  /** All paths that the server answers. */
  paths: () => readonly string[];
  /** As they were given, or default; none holds a secret. */
  flags: Readonly<Record<string, string>>;
}

export function zPages({ clock, version, paths, flags }: ZPagesOptions): [string, (request: ServerRequest) => ServerResponse][] {
  const startedAt = clock.now();
  return [
    ['/statusz', (request) => {
      mustAcceptText(request);
      const top = [...new Set(paths().map((path) => `/${path.split('/')[1]}`))].toSorted();
      const lines = [
        `Started: ${new Date(startedAt).toUTCString()}`, `Up: ${uptimeText(clock.now() - startedAt)}`, `Go version: ${version.goVersion}`, `Binary version: ${version.gitVersion.slice(1)}`, `Emulation version: ${version.major}.${version.minor}`, `Paths: ${top.join(' ')}`,
      ];
      return text(200, `\n${component} statusz\n${warning}\n\n${lines.join('\n')}\n`);
    }],
    ['/flagz', (request) => {
      mustAcceptText(request);
      const lines = Object.entries(flags).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
      return text(200, `\n${component} flags\n${warning}\n\n${lines.map((line) => `${line}\n`).join('')}`);
    }],
  ];
}
