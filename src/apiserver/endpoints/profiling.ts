/**
 * `/debug/pprof/…`: what Node can tell of where time and memory go, in the form that its own tools read (`.cpuprofile`, `.heapprofile`).
 * Both are samples of call stacks: neither holds a value out of the server's memory. Only roles that name these paths let anybody near.
 */
import type { Clock } from '../../host/types.ts';
import { badRequest, failure } from '../../api/meta/status.ts';
import { json, text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

const base = '/debug/pprof';
const defaultSeconds = 30;
/** A request has no longer than a minute. */
const maxSeconds = 55;

const kinds = {
  profile: { start: [['Profiler.enable'], ['Profiler.start']], stop: 'Profiler.stop', about: 'where processor time goes' },
  heap: { start: [['HeapProfiler.enable'], ['HeapProfiler.startSampling']], stop: 'HeapProfiler.stopSampling', about: 'where memory is taken' },
} as const;

function secondsOf(request: ServerRequest): number {
  const asked = request.query.get('seconds') ?? '';
  const seconds = asked === '' ? defaultSeconds : Number(asked);
  if (!(seconds > 0 && seconds <= maxSeconds)) throw badRequest(`invalid value ${JSON.stringify(asked)} for seconds: must be greater than 0 and at most ${maxSeconds}`);
  return seconds;
}

function index(): ServerResponse {
  const rows = Object.entries(kinds).map(([kind, { about }]) => `<tr><td><a href="${kind}?seconds=${defaultSeconds}">${kind}</a></td><td>${about}</td></tr>\n`).join('');
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' }, body: `<html>\n<head>\n<title>${base}/</title>\n</head>\n<body>\n${base}/<br>\n<table>\n${rows}</table>\n</body>\n</html>\n` };
}

/** Answers what lies below `/debug/pprof`; undefined for other paths. One profile is taken at a time. */
export function profiling(clock: Clock): (request: ServerRequest) => Promise<ServerResponse> | undefined {
  let busy = false;

  async function sample(request: ServerRequest, kind: keyof typeof kinds): Promise<ServerResponse> {
    const seconds = secondsOf(request);
    if (busy) throw failure(409, 'Conflict', 'a profile is being taken already');
    busy = true;
    const { Session } = await import('node:inspector/promises');
    const session = new Session();
    try {
      session.connect();
      for (const [method] of kinds[kind].start) await session.post(method as 'Profiler.enable');
      await clock.sleep(seconds * 1000, request.signal);
      const { profile } = await session.post(kinds[kind].stop as 'Profiler.stop');
      return json(200, profile, { 'content-disposition': `attachment; filename="kubets.${kind === 'profile' ? 'cpuprofile' : 'heapprofile'}"` });
    } finally {
      session.disconnect();
      busy = false;
    }
  }

  return (request) => {
    const { path } = request;
    if (path !== base && !path.startsWith(`${base}/`)) return undefined;
    if (path === base) return Promise.resolve({ status: 302, headers: { 'content-type': 'text/html; charset=utf-8', location: `${base}/` }, body: `<a href="${base}/">Found</a>.\n\n` });
    const name = path.slice(base.length + 1);
    if (name === '') return Promise.resolve(index());
    if (!Object.hasOwn(kinds, name)) return Promise.resolve(text(404, 'Unknown profile\n'));
    return sample(request, name as keyof typeof kinds);
  };
}
