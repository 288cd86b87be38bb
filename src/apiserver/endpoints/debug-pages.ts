/** What lies below `/debug`: profiles, and the flags that may be changed while the server runs. */
import type { Clock } from '../../host/types.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { profiling } from './profiling.ts';

const flags = '/debug/flags';

/** None of this server's flags can be changed; upstream lists the level of its log there. */
function flagsPage(): ServerResponse {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<html>\n<head>\n<title>${flags}/</title>\n</head>\n<body>\n${flags}/<br>\n<br>\nflags:<br>\n<table>\n</table>\n<br>\nfull flags configurable<br>\n</body>\n</html>\n` };
}

/** Upstream's word to other methods than PUT, and a refusal of that. */
function verbosity({ method }: ServerRequest): ServerResponse {
  if (method !== 'PUT') return text(406, 'unsupported http method\n', { 'content-type': 'text/plain' });
  return text(400, 'the level of the log is set where the server is started\n', { 'content-type': 'text/plain' });
}

/** Undefined for paths of others. */
export function debugPages(clock: Clock): (request: ServerRequest) => Promise<ServerResponse> | undefined {
  const profiles = profiling(clock);
  return (request) => {
    const { path } = request;
    if (path === `${flags}/v`) return Promise.resolve(verbosity(request));
    if (path === flags || path.startsWith(`${flags}/`)) return Promise.resolve(flagsPage());
    return profiles(request);
  };
}
