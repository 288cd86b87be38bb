/** The metrics of this server: see base/metrics.ts. */
export { Counter, Histogram, MetricsRegistry } from '../../base/metrics.ts';
