/** Tables of custom resources: the columns that their definition asks for, read with JSONPath. */
import type { CustomResourceColumnDefinition } from '../../api/apiextensions/v1/types.ts';
import { goJson, shownNumber } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Cell } from './cells.ts';
import { age } from './cells.ts';
import type { Printer } from './column.ts';
import { NAME } from './column.ts';
import { parsePath, resolvePath } from './json-path.ts';

/** Keys in order, as Go writes maps. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, ordered(item)]));
}

function textOf(value: unknown): string {
  if (value === null) return '<no value>';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? shownNumber(value) : typeof value === 'object' ? goJson(ordered(value)) : String(value);
}

function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined) return null;
  if (type === 'string') return textOf(value);
  if (value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? age(value, now) : typeof value === 'string' ? '<invalid>' : null;
    default:
      return null;
  }
}

const AGE_COLUMN: CustomResourceColumnDefinition = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The printer for a version's columns. Where one of the paths cannot be read, the columns are those of a kind without any, as upstream has it. */
export function customPrinter(columns: readonly CustomResourceColumnDefinition[]): Printer {
  const read = columns.map((column) => ({ column, path: parsePath(column.jsonPath) }));
  const shown = read.length === 0 || read.some(({ path }) => path === undefined) ? [{ column: AGE_COLUMN, path: parsePath(AGE_COLUMN.jsonPath) }] : read;
  return {
    columns: [NAME, ...shown.map(({ column }) => [column.name, column.type, column.format ?? '', column.priority ?? 0] as const)],
    cells: (object: KubeObject, now) => [object.metadata.name ?? '', ...shown.map(({ column, path }) => cellOf(column.type, resolvePath(object, path!)[0], now))],
  };
}
