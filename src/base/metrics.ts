/**
 * Counters, gauges and histograms, and their text form (Prometheus exposition format 0.0.4). Kept this small on purpose: a request adds
 * to a handful of numbers that are looked up by one joined key, and nothing is loaded at start.
 */
import { deprecatedSince, stabilityOf } from './metric-stability.ts';

type Labels = readonly string[];

const escapeHelp = (text: string): string => text.replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'));
const escapeLabel = (value: string): string => value.replace(/[\\\n"]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** A number as Go writes it: with an exponent from a million on, and below a ten thousandth. */
export function goNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const size = Math.abs(value);
  if (size === 0 || !(size >= 1e6 || size < 1e-4)) return String(value);
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Math.abs(Number(exponent)).toString().padStart(2, '0');
  return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${power}`;
}

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

  /** What stands before the series. */
  head(): string {
    const stability = stabilityOf(this.name);
    const since = deprecatedSince(this.name);
    const promise = stability === undefined ? '' : `[${stability}] ${since === undefined ? '' : `(Deprecated since ${since}) `}`;
    return `# HELP ${this.name} ${promise}${escapeHelp(this.help)}\n# TYPE ${this.name} ${this.type}\n`;
  }

  /** Forgets all series. */
  abstract reset(): void;
}

const separator = '\u0001';

/** Series by the values of their labels. */
const inOrder = <T>(series: ReadonlyMap<string, T>): [string, T][] => [...series].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Takes out the series in whose labels these follow one another. */
function forgetIn(series: Map<string, unknown>, labels: Labels): void {
  const part = `${separator}${labels.join(separator)}${separator}`;
  for (const key of series.keys()) if (`${separator}${key}${separator}`.includes(part)) series.delete(key);
}

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

  /** Forgets one series, of something that is no more. Not for those that somebody holds. */
  forget(labels: Labels): void {
    this.#values.delete(labels.join(separator));
  }

  reset(): void {
    for (const [key, series] of this.#values) {
      if (series.isHeld) series.reset();
      else this.#values.delete(key);
    }
  }

  /** Nothing is told any more of what these labels, one after the other, are of. Who holds such a series counts for nobody. */
  forgetAll(labels: Labels): void {
    forgetIn(this.#values, labels);
  }

  value(labels: Labels): number {
    return this.#values.get(labels.join(separator))?.value ?? 0;
  }

  lines(): string[] {
    // What has no labels is there from the start.
    if (this.labelNames.length === 0) return [`${this.name} ${goNumber(this.value([]))}`];
    return inOrder(this.#values).filter(([, { isShown }]) => isShown).map(([key, { value }]) => `${this.name}${this.labelText(key.split(separator))} ${goNumber(value)}`);
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

  /** As a counter's. */
  forgetAll(labels: Labels): void {
    forgetIn(this.#series, labels);
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
    const plain = this.labelNames.length === 0;
    if (plain) this.at([]);
    for (const [key, series] of inOrder(this.#series)) {
      if (series.count === 0 && !plain) continue;
      const values = plain ? [] : key.split(separator);
      let seen = 0;
      for (const [i, bound] of this.buckets.entries()) {
        seen += series.counts[i]!;
        lines.push(`${this.name}_bucket${this.labelText(values, `le="${goNumber(bound)}"`)} ${goNumber(seen)}`);
      }
      lines.push(`${this.name}_bucket${this.labelText(values, 'le="+Inf"')} ${goNumber(series.count)}`, `${this.name}_sum${this.labelText(values)} ${goNumber(series.sum)}`, `${this.name}_count${this.labelText(values)} ${goNumber(series.count)}`);
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

  /** Tells how many metrics there are, by what is promised of them, as every component of a cluster does. */
  countMetrics(): void {
    const registered = this.register(new Counter('registered_metrics_total', 'Metrics that there are, by stability and by the version that deprecates them.', ['deprecated_version', 'stability_level']));
    this.register(new Counter('hidden_metrics_total', 'Metrics that are hidden because they are deprecated.'));
    this.register(new Counter('disabled_metrics_total', 'Metrics that have been turned off.'));
    this.onScrape(() => {
      registered.reset();
      for (const { name } of this.#metrics) {
        const stability = stabilityOf(name);
        if (stability !== undefined) registered.add([deprecatedSince(name) ?? '', stability]);
      }
    });
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
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((m) => ({ m, lines: m.lines() }))
      .filter(({ lines }) => lines.length > 0)
      .map(({ m, lines }) => `${m.head()}${lines.join('\n')}\n`)
      .join('');
  }
}
