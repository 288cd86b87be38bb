/** Reads what a kubelet says at /metrics/resource: Prometheus' text form, of which only a few names matter here. */

/** A thing's use of the node since it began. */
export interface Reading {
  cpuSeconds?: number;
  memoryBytes?: number;
  /** When the CPU was read. */
  atMs?: number;
  startedMs?: number;
}

export interface PodReading {
  namespace: string;
  name: string;
  containers: Map<string, Reading>;
}

export interface NodeReading {
  node: Reading;
  /** By `namespace/name`. */
  pods: Map<string, PodReading>;
}

const fields = {
  cpu_usage_seconds_total: (reading: Reading, value: number, atMs: number) => Object.assign(reading, { cpuSeconds: value, atMs }),
  memory_working_set_bytes: (reading: Reading, value: number) => Object.assign(reading, { memoryBytes: value }),
  start_time_seconds: (reading: Reading, value: number) => Object.assign(reading, { startedMs: value * 1000 }),
} as const;

const sampleLine = /^(node|container)_([a-z_]+)(?:\{([^{}]*)\})? ([^ ]+)(?: (-?\d+))?$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(labelPair)].map(([, name, value]) => [name!, value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))]));
}

/** `nowMs` is the moment of samples that tell none. Lines of other metrics, and lines that make no sense, are passed over. */
export function readResourceMetrics(text: string, nowMs: number): NodeReading {
  const found: NodeReading = { node: {}, pods: new Map() };
  for (const line of text.split('\n')) {
    const match = sampleLine.exec(line);
    if (!match) continue;
    const [, kind, field = '', labelText = '', valueText = '', at] = match;
    if (!Object.hasOwn(fields, field)) continue;
    const value = Number(valueText);
    if (!Number.isFinite(value)) continue;
    const set = fields[field as keyof typeof fields];
    const atMs = at === undefined ? nowMs : Number(at);
    if (kind === 'node') {
      set(found.node, value, atMs);
      continue;
    }
    const { namespace, pod: name, container } = labelsOf(labelText);
    if (!namespace || !name || !container) continue;
    const key = `${namespace}/${name}`;
    let pod = found.pods.get(key);
    if (!pod) found.pods.set(key, (pod = { namespace, name, containers: new Map() }));
    let reading = pod.containers.get(container);
    if (!reading) pod.containers.set(container, (reading = {}));
    set(reading, value, atMs);
  }
  return found;
}
