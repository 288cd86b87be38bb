/** How often each plug-in was asked, by point: kept as plain sums that are read when somebody asks for the metrics. */
import type { Counter } from '../base/metrics.ts';

export type EvaluatedPoint = 'PreFilter' | 'Filter' | 'PreScore' | 'Score';

interface Named {
  readonly name: string;
}

export class Evaluations {
  readonly #counts: Readonly<Record<EvaluatedPoint, Map<string, number>>> = { PreFilter: new Map(), Filter: new Map(), PreScore: new Map(), Score: new Map() };

  add(point: EvaluatedPoint, plugin: string, times = 1): void {
    const counts = this.#counts[point];
    counts.set(plugin, (counts.get(plugin) ?? 0) + times);
  }

  /** A search over so many nodes: each filter saw those that the filters before it had not refused. */
  filtered(filters: readonly Named[], evaluated: number, refused: readonly { status: { plugin: string } }[]): void {
    const stopped = new Map<string, number>();
    for (const { status } of refused) stopped.set(status.plugin, (stopped.get(status.plugin) ?? 0) + 1);
    let left = evaluated;
    for (const { name } of filters) {
      this.add('Filter', name, left);
      left -= stopped.get(name) ?? 0;
    }
  }

  /** Writes the sums into the counter, for one profile. */
  show(counter: Counter, profile: string): void {
    for (const [point, counts] of Object.entries(this.#counts)) for (const [plugin, count] of counts) counter.set([point, plugin, profile], count);
  }
}
