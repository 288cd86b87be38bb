/** Manifests made ready for a simulation: lists opened, what others need first, and jobs that end. */
import type { KubeObject } from '../../api/meta/v1/types.ts';

/** Kinds that others refer to, in the order in which they are created; all else follows as it stands in the files. */
const first = ['Namespace', 'PriorityClass', 'StorageClass', 'RuntimeClass', 'ResourceQuota', 'LimitRange', 'ServiceAccount', 'Secret', 'ConfigMap', 'PersistentVolume', 'PersistentVolumeClaim', 'Service'];
const runAnnotation = 'kubets.dev/hollow-run-ms';
const hollowPrefix = 'kubets.dev/hollow-';

interface Template {
  metadata?: { annotations?: Record<string, string> };
}

/** Containers of a simulation run until somebody stops them; those of jobs must end. */
function endAfter(template: Template | undefined, jobMs: number): boolean {
  if (!template) return false;
  const annotations = template.metadata?.annotations ?? {};
  if (Object.keys(annotations).some((name) => name.startsWith(hollowPrefix))) return false;
  template.metadata = { ...template.metadata, annotations: { ...annotations, [runAnnotation]: String(jobMs) } };
  return true;
}

function isObject(value: unknown): value is KubeObject & { items?: unknown[] } {
  return typeof value === 'object' && value !== null && typeof (value as KubeObject).kind === 'string' && typeof (value as KubeObject).apiVersion === 'string';
}

/** Objects of documents as YAML holds them. Throws, by name, for what is no object. */
export function objectsOf(documents: readonly unknown[], source: string): KubeObject[] {
  return documents.filter((document) => document !== null && document !== undefined).flatMap((document) => {
    if (!isObject(document)) throw new Error(`"${source}": a document has no kind and apiVersion`);
    if (document.kind === 'List' && Array.isArray(document.items)) return objectsOf(document.items, source);
    if (typeof document.metadata?.name !== 'string') throw new Error(`"${source}": ${document.kind} has no metadata.name`);
    return [document];
  });
}

export function prepare(manifests: readonly KubeObject[], jobMs: number): { objects: KubeObject[]; notes: string[] } {
  const rank = ({ kind }: KubeObject): number => (first.includes(kind!) ? first.indexOf(kind!) : first.length);
  const objects = manifests.map((object) => structuredClone(object)).toSorted((a, b) => rank(a) - rank(b));
  let ending = 0;
  for (const object of objects) {
    const { spec } = object as { spec?: { template?: Template; jobTemplate?: { spec?: { template?: Template } } } };
    const template = object.kind === 'Job' ? spec?.template : object.kind === 'CronJob' ? spec?.jobTemplate?.spec?.template : undefined;
    if (endAfter(template, jobMs)) ending++;
  }
  return { objects, notes: ending === 0 ? [] : [`Pods of ${ending} ${ending === 1 ? 'job' : 'jobs'} run for ${jobMs / 1000} s each (--job-time), for their images tell nothing.`] };
}
