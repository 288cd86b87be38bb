/** How a kind's table is described: its columns, and how an object becomes a row. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Cell } from './cells.ts';

/** Name, type, format and priority; priority 1 is shown with `-o wide` only. */
export type Column = readonly [name: string, type: string, format: string, priority: number];

export interface RowCondition {
  type: string;
  status: string;
  reason?: string;
}

export interface Printer<T extends KubeObject = KubeObject> {
  columns: readonly Column[];
  /** The cells of one object at `now` (milliseconds since 1970). */
  cells(object: T, now: number): Cell[];
  conditions?(object: T): RowCondition[] | undefined;
}

export const NAME: Column = ['Name', 'string', 'name', 0];
export const AGE: Column = ['Age', 'string', '', 0];

/** A text column. */
export const text = (name: string, priority = 0): Column => [name, 'string', '', priority];
export const integer = (name: string): Column => [name, 'integer', '', 0];
export const boolean = (name: string): Column => [name, 'boolean', '', 0];

/** Containers, images and selector: the wide columns of everything that runs pods. */
export const POD_COLUMNS: readonly Column[] = [text('Containers', 1), text('Images', 1), text('Selector', 1)];

/** For one kind's printer among those of all kinds. */
export function printer<T extends KubeObject>(columns: readonly Column[], cells: Printer<T>['cells'], conditions?: Printer<T>['conditions']): Printer {
  return { columns, cells: cells as Printer['cells'], ...(conditions ? { conditions: conditions as NonNullable<Printer['conditions']> } : {}) };
}
