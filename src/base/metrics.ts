/**
 * Counters, gauges and histograms, and their text form (Prometheus exposition format 0.0.4). Kept this small on purpose: a request adds
 * to a handful of numbers that are looked up by one joined key, and nothing is loaded at start.
 */

type Labels = readonly string[];

const escapeLabel = (value: string): string => value.replace(/[\\\n"]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** One name with its series. Label values come in the order of the label names. */
abstract class Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: Labels;

  constructor(name: string, help: string, type: string, labelNames: Labels) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.labelNames = labelNames;
  }

  protected labelText(values: Labels, extra = ''): string {
    const pairs = this.labelNames.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`);
    if (extra !== '') pairs.push(extra);
    return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  }

  abstract lines(): string[];

  /** Forgets all series. */
  abstract reset(): void;
}

const separator = '\u0001';

/** One series of a counter or gauge: for who counts often, and would look it up each time. */
export class CounterSeries {
  value = 0;
  /** Nothing is told of a series before something has been counted, nor after all has been forgotten. */
  isShown = false;
  isHeld = false;

  add(by = 1): void {
    this.value += by;
    this.isShown = true;
  }

  reset(): void {
    this.value = 0;
    this.isShown = false;
  }
}

export class Counter extends Metric {
  readonly #values = new Map<string, CounterSeries>();

  constructor(name: string, help: string, labelNames: Labels = [], type: 'counter' | 'gauge' = 'counter') {
    super(name, help, type, labelNames);
  }

  add(labels: Labels, by = 1): void {
    this.#find(labels).add(by);
  }

  set(labels: Labels, value: number): void {
    const series = this.#find(labels);
    series.reset();
    series.add(value);
  }

  /** The series of these labels, to hold and to count in. */
  at(labels: Labels): CounterSeries {
    const series = this.#find(labels);
    series.isHeld = true;
    return series;
  }

  #find(labels: Labels): CounterSeries {
    const key = labels.join(separator);
    let series = this.#values.get(key);
    if (!series) this.#values.set(key, (series = new CounterSeries()));
    return series;
  }

  reset(): void {
    for (const [key, series] of this.#values) {
      if (series.isHeld) series.reset();
      else this.#values.delete(key);
    }
  }

  value(labels: Labels): number {
    return this.#values.get(labels.join(separator))?.value ?? 0;
  }

  lines(): string[] {
    return [...this.#values].filter(([, { isShown }]) => isShown).map(([key, { value }]) => `${this.name}${this.labelText(this.labelNames.length === 0 ? [] : key.split(separator))} ${value}`);
  }
}

/** One series of a histogram: for who observes often, and would look it up each time. */
export class HistogramSeries {
  readonly counts: number[];
  sum = 0;
  count = 0;
  readonly #buckets: readonly number[];

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
    this.counts = buckets.map(() => 0);
  }

  /** `times` takes note of so many that were alike. */
  observe(value: number, times = 1): void {
    const buckets = this.#buckets;
    // A loop: every request comes by here several times, and a closure for each would be much of what that costs.
    let at = 0;
    while (at < buckets.length && !(value <= buckets[at]!)) at++;
    if (at < buckets.length) this.counts[at]! += times;
    this.sum += value * times;
    this.count += times;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = this.count = 0;
  }
}

export class Histogram extends Metric {
  readonly buckets: readonly number[];
  readonly #series = new Map<string, HistogramSeries>();

  /** Series stay, for those who hold them; without anything observed they are not shown. */
  reset(): void {
    for (const series of this.#series.values()) series.reset();
  }

  constructor(name: string, help: string, labelNames: Labels, buckets: readonly number[]) {
    super(name, help, 'histogram', labelNames);
    this.buckets = buckets;
  }

  /** `times` takes note of so many that were alike. */
  observe(labels: Labels, value: number, times = 1): void {
    this.at(labels).observe(value, times);
  }

  /** The series of these labels, to hold and to observe in. */
  at(labels: Labels): HistogramSeries {
    const key = labels.join(separator);
    let series = this.#series.get(key);
    if (!series) this.#series.set(key, (series = new HistogramSeries(this.buckets)));
    return series;
  }

  lines(): string[] {
    const lines: string[] = [];
    for (const [key, series] of this.#series) {
      if (series.count === 0) continue;
      const values = this.labelNames.length === 0 ? [] : key.split(separator);
      let seen = 0;
      for (const [i, bound] of this.buckets.entries()) {
        seen += series.counts[i]!;
        lines.push(`${this.name}_bucket${this.labelText(values, `le="${bound}"`)} ${seen}`);
      }
      lines.push(`${this.name}_bucket${this.labelText(values, 'le="+Inf"')} ${series.count}`, `${this.name}_sum${this.labelText(values)} ${series.sum}`, `${this.name}_count${this.labelText(values)} ${series.count}`);
    }
    return lines;
  }
}

/** What a metric is, without its numbers. */
export type MetricFacts = Pick<Metric, 'name' | 'type' | 'labelNames'> & { buckets?: readonly number[] };

/** All metrics of one server. */
export class MetricsRegistry {
  readonly #metrics: Metric[] = [];
  readonly #beforeScrape: (() => void)[] = [];

  register<M extends Metric>(metric: M): M {
    this.#metrics.push(metric);
    return metric;
  }

  /** Called before each scrape, for values that are read and not counted. */
  onScrape(update: () => void): void {
    this.#beforeScrape.push(update);
  }

  /** Forgets what has been counted. */
  reset(): void {
    for (const metric of this.#metrics) metric.reset();
  }

  /** What there is, by name. */
  facts(): MetricFacts[] {
    return [...this.#metrics];
  }

  text(): string {
    for (const update of this.#beforeScrape) update();
    return this.#metrics
      .map((m) => ({ m, lines: m.lines() }))
      .filter(({ lines }) => lines.length > 0)
      .map(({ m, lines }) => `# HELP ${m.name} ${m.help}\n# TYPE ${m.name} ${m.type}\n${lines.join('\n')}\n`)
      .join('');
  }
}
