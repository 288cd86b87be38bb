/**
 * Tables as `kubectl get` shows them (meta.k8s.io/v1 Table): the server knows the columns and the words.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { CustomResourceColumnDefinition } from '../../api/apiextensions/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import type { Cell } from './cells.ts';
import { clusterPrinters } from './cluster.ts';
import type { Printer, RowCondition } from './column.ts';
import { NAME } from './column.ts';
import { corePrinters, eventPrinter } from './core.ts';
import { customPrinter } from './custom.ts';
import { workloadPrinters } from './workloads.ts';

export { podStatusText } from './pod.ts';

export interface TableOptions {
  /** Milliseconds since 1970; ages are counted up to then. */
  now: number;
  /** What each row carries beside its cells; the metadata unless said otherwise. */
  includeObject?: 'None' | 'Metadata' | 'Object';
  /** Leaves the columns out, as watch events after the first do. */
  noHeaders?: boolean;
  listMeta?: ListMeta;
  /** What the row of the object at an index carries, in place of that. */
  carried?: (index: number) => Record<string, unknown> | null;
  /** Columns of a custom resource (`additionalPrinterColumns` of its version); an empty list gives the age alone. */
  customColumns?: readonly CustomResourceColumnDefinition[];
}

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

export interface TableRow {
  cells: Cell[];
  conditions?: RowCondition[];
  object: Record<string, unknown> | null;
}

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ListMeta;
  columnDefinitions: TableColumn[] | null;
  rows: TableRow[];
}

/** What is being printed: a served resource, or anything that knows its group and kind. */
export interface Printed {
  group: string;
  version: string;
  kind: string;
}

let known: ReadonlyMap<string, Printer> | undefined;

function printers(): ReadonlyMap<string, Printer> {
  if (known === undefined) {
    const core = Object.entries(corePrinters()).map(([kind, printer]) => [`/${kind}`, printer] as const);
    known = new Map([...core, ['events.k8s.io/Event', eventPrinter()], ...Object.entries(workloadPrinters()), ...Object.entries(clusterPrinters())]);
  }
  return known;
}

/** Kinds without a printer of their own show when they were made. */
const DEFAULT: Printer = {
  columns: [NAME, ['Created At', 'date', '', 0]],
  cells: (object) => [object.metadata.name ?? '', object.metadata.creationTimestamp ? formatTime(Date.parse(object.metadata.creationTimestamp)) : ''],
};

export function printerFor(resource: Printed): Printer {
  return printers().get(`${resource.group}/${resource.kind}`) ?? DEFAULT;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  Name: 'Unique within the namespace, or within the cluster for kinds without namespaces.',
  Age: 'Time since the object was created.',
  'Created At': 'When the object was created.',
};

function columnsOf(printer: Printer, custom: readonly CustomResourceColumnDefinition[] | undefined): TableColumn[] {
  return printer.columns.map(([name, type, format, priority], i) => {
    const own = custom?.[i - 1]?.name === name ? custom[i - 1] : undefined;
    const description = own === undefined ? (DESCRIPTIONS[name] ?? '') : own.description || `Custom resource definition column (in JSONPath format): ${own.jsonPath}`;
    return { name, type, format, description, priority };
  });
}

function carried(resource: Printed, object: KubeObject, include: TableOptions['includeObject']): Record<string, unknown> | null {
  if (include === 'None') return null;
  if (include === 'Object') {
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    return { kind: resource.kind, apiVersion, ...object };
  }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** The objects as one table. Objects are not changed. */
export function tableFor(resource: Printed, objects: readonly KubeObject[], options: TableOptions): Table {
  const printer = options.customColumns === undefined ? printerFor(resource) : customPrinter(options.customColumns);
  const rows = objects.map((object, i): TableRow => {
    const conditions = printer.conditions?.(object);
    return { cells: printer.cells(object, options.now), ...(conditions ? { conditions } : {}), object: options.carried ? options.carried(i) : carried(resource, object, options.includeObject) };
  });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.listMeta ?? {},
    columnDefinitions: options.noHeaders ? null : columnsOf(printer, options.customColumns),
    rows,
  };
}
