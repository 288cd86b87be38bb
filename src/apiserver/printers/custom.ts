/** Tables of custom resources: the columns that their definition asks for, read with JSONPath. */
import type { CustomResourceColumnDefinition } from '../../api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Cell } from './cells.ts';
import { age } from './cells.ts';
import type { Printer } from './column.ts';
import { NAME } from './column.ts';

type Step = { field: string } | { index: number } | { all: true } | { filter: { path: Step[]; operator: string; value: string | number | boolean } };

const FILTER = /^\?\(@((?:\.[\w$-]+|\["[^"]*"\]|\['[^']*'\])+)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true|false)\)$/;

function literal(text: string): string | number | boolean {
  if (text.startsWith('"') || text.startsWith("'")) return text.slice(1, -1);
  return text === 'true' ? true : text === 'false' ? false : Number(text);
}

function bracketStep(inside: string): Step | undefined {
  if (inside === '*') return { all: true };
  if (/^-?\d+$/.test(inside)) return { index: Number(inside) };
  if (/^(".*"|'.*')$/.test(inside)) return { field: inside.slice(1, -1) };
  const filter = FILTER.exec(inside);
  const path = filter === null ? undefined : parsePath(filter[1]!);
  return path === undefined ? undefined : { filter: { path, operator: filter![2]!, value: literal(filter![3]!) } };
}

/** Reads a path of fields, indexes, `[*]` and simple filters; undefined where it has anything else. */
export function parsePath(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  while (rest !== '') {
    const field = /^\.((?:[\w$-]|\\.)+)/.exec(rest);
    const bracket = /^\.?\[((?:"[^"]*"|'[^']*'|[^\]"'])*)\]/.exec(rest);
    if (field !== null) {
      steps.push({ field: field[1]!.replaceAll(/\\(.)/g, '$1') });
      rest = rest.slice(field[0].length);
    } else if (rest.startsWith('.*')) {
      steps.push({ all: true });
      rest = rest.slice(2);
    } else if (bracket !== null) {
      const step = bracketStep(bracket[1]!.trim());
      if (step === undefined) return undefined;
      steps.push(step);
      rest = rest.slice(bracket[0].length);
    } else return undefined;
  }
  return steps;
}

function holds(item: unknown, filter: { path: Step[]; operator: string; value: string | number | boolean }): boolean {
  const [found] = resolve([item], filter.path) as [string | number | boolean | undefined];
  if (found === undefined || typeof found !== typeof filter.value) return false;
  switch (filter.operator) {
    case '==':
      return found === filter.value;
    case '!=':
      return found !== filter.value;
    case '<':
      return found < filter.value;
    case '<=':
      return found <= filter.value;
    case '>':
      return found > filter.value;
    default:
      return found >= filter.value;
  }
}

function resolve(values: readonly unknown[], steps: readonly Step[]): unknown[] {
  let current = [...values];
  for (const step of steps) {
    current = current.flatMap((value): unknown[] => {
      if (typeof value !== 'object' || value === null) return [];
      if ('field' in step) return step.field in value ? [(value as Record<string, unknown>)[step.field]] : [];
      if ('all' in step) return Object.values(value);
      if (!Array.isArray(value)) return [];
      if ('index' in step) return value.at(step.index) === undefined ? [] : [value.at(step.index)];
      return value.filter((item) => holds(item, step.filter));
    });
  }
  return current;
}

function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? age(value, now) : typeof value === 'string' ? '<invalid>' : null;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

const AGE_COLUMN: CustomResourceColumnDefinition = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The printer for a version's columns. A path that cannot be read gives empty cells. */
export function customPrinter(columns: readonly CustomResourceColumnDefinition[]): Printer {
  const shown = columns.length === 0 ? [AGE_COLUMN] : columns;
  const paths = shown.map((column) => parsePath(column.jsonPath));
  return {
    columns: [NAME, ...shown.map((column) => [column.name, column.type, column.format ?? '', column.priority ?? 0] as const)],
    cells: (object: KubeObject, now) => [object.metadata.name ?? '', ...shown.map((column, i) => (paths[i] === undefined ? null : cellOf(column.type, resolve([object], paths[i])[0], now)))],
  };
}
