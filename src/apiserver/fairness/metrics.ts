/** Priority and fairness in numbers, under upstream's names. */
import { Counter, Histogram, type MetricsRegistry } from '../../base/metrics.ts';
import type { Configuration, Schema } from './levels.ts';

const waitBuckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** Registers them; what is counted anyway is read when somebody asks. The answer takes note of a request that waited. */
export function fairnessMetrics(registry: MetricsRegistry, configuration: Configuration): (schema: Schema, executed: boolean, seconds: number) => void {
  const flow = ['flow_schema', 'priority_level'];
  const add = <M extends Counter | Histogram>(metric: M): M => registry.register(metric);
  const executing = add(new Counter('apiserver_flowcontrol_current_executing_requests', 'Requests that run now.', flow, 'gauge'));
  const seats = add(new Counter('apiserver_flowcontrol_current_executing_seats', 'Seats that running requests take.', flow, 'gauge'));
  const waiting = add(new Counter('apiserver_flowcontrol_current_inqueue_requests', 'Requests that wait now.', flow, 'gauge'));
  const dispatched = add(new Counter('apiserver_flowcontrol_dispatched_requests_total', 'Requests that were let in.', flow));
  const nominal = add(new Counter('apiserver_flowcontrol_nominal_limit_seats', 'A level\'s own share of the server.', ['priority_level'], 'gauge'));
  const current = add(new Counter('apiserver_flowcontrol_current_limit_seats', 'What a level may use now, with what is lent and borrowed.', ['priority_level'], 'gauge'));
  const lower = add(new Counter('apiserver_flowcontrol_lower_limit_seats', 'What a level keeps when it lends all that it may.', ['priority_level'], 'gauge'));
  const upper = add(new Counter('apiserver_flowcontrol_upper_limit_seats', 'What a level has when it borrows all that it may.', ['priority_level'], 'gauge'));
  const peak = add(new Counter('apiserver_flowcontrol_demand_seats_high_watermark', 'The most seats that were needed at once in the last period.', ['priority_level'], 'gauge'));
  const smoothed = add(new Counter('apiserver_flowcontrol_demand_seats_smoothed', 'Seats that were needed, smoothed over periods.', ['priority_level'], 'gauge'));
  const rejected = add(new Counter('apiserver_flowcontrol_rejected_requests_total', 'Requests that were refused, by reason.', [...flow, 'reason']));
  const waits = add(new Histogram('apiserver_flowcontrol_request_wait_duration_seconds', 'Seconds that requests waited to be let in, or in vain.', ['execute', ...flow], waitBuckets));
  registry.onScrape(() => {
    for (const { name, stats, level } of configuration.schemas) {
      const labels = [name, level.name];
      executing.set(labels, stats.executing);
      seats.set(labels, stats.executingSeats);
      waiting.set(labels, stats.waiting);
      dispatched.set(labels, stats.dispatched);
      for (const [reason, count] of stats.rejected) rejected.set([...labels, reason], count);
      if (stats.immediate > 0 && !level.exempt) waits.observe(['true', ...labels], 0, stats.immediate);
      stats.immediate = 0;
    }
    for (const { name, limits, queues, smoothed: demand } of configuration.levels) {
      nominal.set([name], limits.nominal);
      current.set([name], queues.limit);
      lower.set([name], limits.min);
      upper.set([name], Number.isFinite(limits.max) ? limits.max : limits.nominal + configuration.total);
      peak.set([name], demand.peak);
      smoothed.set([name], demand.smoothed);
    }
  });
  return (schema, executed, seconds) => waits.observe([String(executed), schema.name, schema.level.name], seconds);
}
