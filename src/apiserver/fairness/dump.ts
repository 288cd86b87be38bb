/** What goes on in the queues, as tables for people: `/debug/api_priority_and_fairness/dump_…`. */
import { text } from '../chain/responses.ts';
import type { TicketDetails } from '../chain/priority-and-fairness.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import type { Configuration, Level } from './levels.ts';
import type { Ticket } from './queue-set.ts';

const base = '/debug/api_priority_and_fairness';

/** Columns that line up, with a comma behind every cell but the last. */
function table(header: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): ServerResponse {
  const lines = [header, ...rows.map((row) => row.map(String))].map((cells) => cells.map((cell, i) => (i === cells.length - 1 ? cell : `${cell},`)));
  const widths = header.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  return text(200, `${lines.map((cells) => cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i]!))).join(' ')).join('\n')}\n`);
}

const queuing = (level: Level): boolean => !level.exempt && level.queues.queuing !== undefined;

function levels(configuration: Configuration): ServerResponse {
  return table(
    ['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests'],
    configuration.levels.map(({ name, queues, exempt }) => {
      if (exempt) return [name, '<none>', '<none>', '<none>', '<none>', '<none>', '<none>', '<none>', '<none>', '<none>'];
      const active = queues.queues().filter(({ waiting, executing }) => waiting.length > 0 || executing > 0).length;
      const { dispatched, rejected, timedOut, cancelled } = queues.counts;
      return [name, active, active === 0, false, queues.waiting, queues.executing, dispatched, rejected, timedOut, cancelled];
    }),
  );
}

const seatSeconds = (seatMs: number): string => `${(seatMs / 1000).toFixed(8)}ss`;

function queues(configuration: Configuration): ServerResponse {
  return table(
    ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum'],
    configuration.levels.filter(queuing).flatMap(({ name, queues: set }) => set.queues().map((queue) => [
      name, queue.index, queue.waiting.length, queue.executing, queue.seatsInUse, seatSeconds(queue.nextDispatchR), queue.waiting.reduce((sum, { work }) => sum + work.initialSeats, 0), queue.waitingSeats, seatSeconds(queue.waitingWork),
    ])),
  );
}

function requests(configuration: Configuration, now: number, monotonic: number, details: boolean): ServerResponse {
  const time = (ms: number): string => new Date(now - (monotonic - ms)).toISOString();
  const rows = configuration.levels.filter(queuing).flatMap(({ name, queues: set }) => set.queues().flatMap((queue) => queue.waiting.map((ticket: Ticket, i) => {
    const { schema, flow, user, info } = ticket.about as TicketDetails;
    const { initialSeats, finalSeats, aftermathMs } = ticket.work;
    const more = details ? [user, info.verb, info.path, info.namespace, info.name, info.apiVersion, info.resource, info.subresource] : [];
    return [name, schema.name, queue.index, i, flow, time(ticket.arrivedMs), initialSeats, finalSeats, `${aftermathMs}ms`, '<none>', ...more];
  })));
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
