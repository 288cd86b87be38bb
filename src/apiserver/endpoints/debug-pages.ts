/** What lies below `/debug`: profiles, and the flag that may be changed while the server runs: the level of its log (`--v`). */
import type { Clock, Log } from '../../host/types.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { profiling } from './profiling.ts';

const flags = '/debug/flags';
const plain = { 'content-type': 'text/plain' };

function flagsPage(): ServerResponse {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<html>\n<head>\n<title>${flags}/</title>\n</head>\n<body>\n${flags}/<br>\n<br>\nflags:<br>\n<table>\n<tr>v<br>\n</table>\n<br>\nfull flags configurable<br>\n</body>\n</html>\n` };
}

/** Why a text is no verbosity; undefined when it is one. */
function unfit(value: string): string | undefined {
  if (!/^\d+$/.test(value)) return `strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (BigInt(value) > 2n ** 32n - 1n) return `strconv.ParseUint: parsing ${JSON.stringify(value)}: value out of range`;
  return BigInt(value) > 2n ** 31n - 1n ? `failed set klog.logging.verbosity ${value}: strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range` : undefined;
}

async function verbosity(request: ServerRequest, log: Log): Promise<ServerResponse> {
  if (request.method !== 'PUT') return text(406, 'unsupported http method\n', plain);
  const value = Buffer.from(await request.body()).toString();
  const why = unfit(value) ?? (log.setVerbosity === undefined ? 'the log of this server has one level' : undefined);
  if (why !== undefined) return text(400, `${why}\n`, plain);
  log.setVerbosity!(Number(value));
  return text(200, `successfully set klog.logging.verbosity to ${value}\n`, plain);
}

/** Undefined for paths of others. */
export function debugPages(clock: Clock, log: Log): (request: ServerRequest) => Promise<ServerResponse> | undefined {
  const profiles = profiling(clock);
  return (request) => {
    const { path } = request;
    if (path === `${flags}/v`) return verbosity(request, log);
    if (path === flags || path.startsWith(`${flags}/`)) return Promise.resolve(flagsPage());
    return profiles(request);
  };
}
