/** The objects of metrics.k8s.io/v1beta1, and their tables. */
import { addQuantity, formatQuantity, quantityOf } from '../../api/meta/quantity.ts';
import { formatDuration, formatTime } from '../../api/meta/time.ts';
import type { KubeObject, ObjectMeta, Table } from '../../api/meta/v1/types.ts';
import type { Measured, Usage } from './usage.ts';

export const group = 'metrics.k8s.io';
export const version = 'v1beta1';
export const groupVersion = `${group}/${version}`;

export type ResourceList = Readonly<Record<'cpu' | 'memory', string>>;

export interface NodeMetrics extends KubeObject {
  timestamp: string;
  window: string;
  usage: ResourceList;
}

export interface PodMetrics extends KubeObject {
  timestamp: string;
  window: string;
  containers: { name: string; usage: ResourceList }[];
}

export type AnyMetrics = NodeMetrics | PodMetrics;

function resourceList({ cpuNanoCores, memoryBytes }: Usage): ResourceList {
  return { cpu: formatQuantity(quantityOf(cpuNanoCores, -9)), memory: formatQuantity(quantityOf(memoryBytes, 0, 'BinarySI')) };
}

function common(kind: string, { name, namespace, labels }: ObjectMeta, { timestampMs, windowMs }: Measured<unknown>, nowMs: number) {
  return {
    kind,
    apiVersion: groupVersion,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), creationTimestamp: formatTime(nowMs), ...(labels ? { labels } : {}) },
    timestamp: formatTime(timestampMs),
    window: formatDuration(BigInt(Math.round(windowMs)) * 1_000_000n),
  };
}

export function nodeMetrics(metadata: ObjectMeta, measured: Measured<Usage>, nowMs: number): NodeMetrics {
  return { ...common('NodeMetrics', metadata, measured, nowMs), usage: resourceList(measured.usage) };
}

export function podMetrics(metadata: ObjectMeta, measured: Measured<Map<string, Usage>>, nowMs: number): PodMetrics {
  return { ...common('PodMetrics', metadata, measured, nowMs), containers: [...measured.usage].map(([name, usage]) => ({ name, usage: resourceList(usage) })) };
}

function total(item: AnyMetrics, resource: keyof ResourceList): string {
  if ('usage' in item) return item.usage[resource];
  return formatQuantity(item.containers.reduce((sum, { usage }) => addQuantity(sum, usage[resource]), quantityOf(0, 0, resource === 'memory' ? 'BinarySI' : 'DecimalSI')));
}

/** As metrics-server prints them: name, what is used by name of the resource, window. */
export function tableOf(items: readonly AnyMetrics[], includeObject: string): Table {
  const column = (name: string, format: string, description: string) => ({ name, type: 'string', format, description, priority: 0 });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [column('Name', 'name', 'Name of the resource'), column('cpu', 'quantity', ''), column('memory', 'quantity', ''), column('Window', 'duration', '')],
    rows: items.map((item) => ({
      cells: [item.metadata.name, total(item, 'cpu'), total(item, 'memory'), item.window],
      ...(includeObject === 'None' ? {} : { object: includeObject === 'Object' ? item : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: item.metadata } }),
    })),
  } as unknown as Table;
}

const verbs = ['get', 'list'];
export const kinds = [
  { plural: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { plural: 'pods', kind: 'PodMetrics', namespaced: true },
] as const;

/** The answer to /apis/metrics.k8s.io/v1beta1. */
export const resourceDocument = {
  kind: 'APIResourceList', apiVersion: 'v1', groupVersion,
  resources: kinds.map(({ plural, kind, namespaced }) => ({ name: plural, singularName: '', namespaced, kind, verbs })),
};

const versionEntry = { groupVersion, version };
/** The answer to /apis/metrics.k8s.io. */
export const groupDocument = { kind: 'APIGroup', apiVersion: 'v1', name: group, versions: [versionEntry], preferredVersion: versionEntry };
