/** What goes on in the queues, as tables for people: `/debug/api_priority_and_fairness/dump_…`. */
import { text } from '../chain/responses.ts';
import type { TicketDetails } from '../chain/priority-and-fairness.ts';
import type { RequestInfo, ServerRequest, ServerResponse } from '../types.ts';
import type { Configuration, Level } from './levels.ts';
import { distinguisher } from './matching.ts';
import type { Ticket } from './queue-set.ts';

const base = '/debug/api_priority_and_fairness';

/** Columns that line up, with a comma behind every cell but the last. */
function table(header: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): ServerResponse {
  const lines = [header, ...rows.map((row) => row.map(String))].map((cells) => cells.map((cell, i) => (i === cells.length - 1 ? cell : `${cell},`)));
  const widths = header.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  return text(200, `${lines.map((cells) => cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i]!))).join(' ')).join('\n')}\n`);
}

const queuing = (level: Level): boolean => !level.exempt && level.queues.queuing !== undefined;
const inOrder = ({ levels: all }: Configuration): Level[] => all.toSorted((a, b) => (a.name < b.name ? -1 : 1));

function levels(configuration: Configuration): ServerResponse {
  return table(
    ['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests'],
    inOrder(configuration).map((level) => {
      const { name, queues: set, exempt, passing } = level;
      if (exempt) {
        const dispatched = configuration.schemas.reduce((sum, schema) => (schema.level === level ? sum + schema.stats.dispatched : sum), 0);
        return [name, 0, passing.size === 0, false, 0, passing.size, dispatched, 0, 0, 0];
      }
      const active = set.queues().filter(({ waiting }) => waiting.length > 0).length;
      const { dispatched, rejected, timedOut, cancelled } = set.counts;
      return [name, active, set.waiting === 0 && set.executing === 0, false, set.waiting, set.executing, dispatched, rejected, timedOut, cancelled];
    }),
  );
}

const seatSeconds = (seatMs: number): string => `${(seatMs / 1000).toFixed(8)}ss`;

function queues(configuration: Configuration): ServerResponse {
  return table(
    ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum'],
    inOrder(configuration).filter(queuing).flatMap(({ name, queues: set }) => set.queues().map((queue) => [
      name, queue.index, queue.waiting.length, queue.executing, queue.seatsInUse, seatSeconds(queue.nextDispatchR), queue.waiting.reduce((sum, { work }) => sum + work.initialSeats, 0), queue.waitingSeats, seatSeconds(queue.waitingWork),
    ])),
  );
}

/** The moment that stands for none: a request that waits has not begun. */
const never = '0001-01-01T00:00:00Z';
/** In the place of a queue, or of a position in one, that a request does not have. */
const nowhere = -1;

type Row = (string | number)[];

function requests(configuration: Configuration, now: number, monotonic: number, details: boolean): ServerResponse {
  const time = (ms: number): string => new Date(now - (monotonic - ms)).toISOString();
  const more = (user: string, { verb, path, namespace, name, apiGroup, apiVersion, resource, subresource }: RequestInfo): Row =>
    (details ? [user, verb, path, namespace, name, apiGroup === '' ? apiVersion : `${apiGroup}/${apiVersion}`, resource, subresource] : []);
  const rowOf = (level: Level, ticket: Ticket, queue: number, position: number): Row => {
    const { schema, flow, user, info } = ticket.about as TicketDetails;
    const { initialSeats, finalSeats, aftermathMs } = ticket.work;
    const started = position === nowhere ? time(ticket.startedMs) : never;
    return [level.name, schema.name, queue, position, flow, time(ticket.arrivedMs), initialSeats, finalSeats, aftermathMs === 0 ? '0s' : `${aftermathMs}ms`, started, ...more(user, info)];
  };
  const passed = ({ name, passing }: Level): Row[] => [...passing].map(({ schema, user, info, arrivedMs }) =>
    [name, schema.name, nowhere, nowhere, distinguisher(schema.object, user, info), time(arrivedMs), 1, 0, '0s', time(arrivedMs), ...more(user.name, info)]);
  const rows = inOrder(configuration).flatMap((level) => (level.exempt ? passed(level) : [
    ...level.queues.queues().flatMap((queue) => queue.waiting.map((ticket, i) => rowOf(level, ticket, queue.index, i))),
    ...[...level.queues.running].map((ticket) => rowOf(level, ticket, queuing(level) ? ticket.queue.index : nowhere, nowhere)),
  ]));
  const header = ['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency', 'StartTime'];
  return table(details ? [...header, 'UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'] : header, rows);
}

/** The pages, by path. Who may read them is what roles say of those paths. */
export function fairnessPages(configuration: Configuration, clock: { now(): number; monotonic(): number }): [string, (request: ServerRequest) => ServerResponse][] {
  return [
    [`${base}/dump_priority_levels`, () => levels(configuration)],
    [`${base}/dump_queues`, () => queues(configuration)],
    [`${base}/dump_requests`, (request) => requests(configuration, clock.now(), clock.monotonic(), (request.query.get('includeRequestDetails') ?? '') !== '')],
  ];
}
