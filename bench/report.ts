/** How every benchmark reports: a table for the reader, and a JSON file (`--out FILE`, default bench/results/NAME.json) for comparisons. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

export interface Figure {
  name: string;
  value: number;
  unit: string;
}

/** The value of `--flag VALUE` on this program's command line. */
export function flag(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
}

export const count = (name: string, fallback: number): number => Number(flag(name, String(fallback)));

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const shown = (value: number): string => (Math.abs(value) >= 100 ? Math.round(value).toString() : value.toPrecision(3));

export function report(name: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map((figure) => figure.name.length));
  for (const figure of figures) process.stdout.write(`${figure.name.padEnd(width + 2)}${shown(figure.value).padStart(10)} ${figure.unit}\n`);
  const file = flag('out', `bench/results/${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  writeFileSync(file, `${JSON.stringify({ name, at: new Date().toISOString(), machine, figures }, undefined, 2)}\n`);
  process.stdout.write(`written to ${file}\n`);
}
