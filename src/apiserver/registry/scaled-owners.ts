/** Owners of fields after a write of a scale, which knows of the number of replicas alone. */
import { groupVersionOf } from '../../api/meta/objects.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { onlyField, readOwners, withoutField, writeOwners, type Owner, type Writer } from '../patch/index.ts';
import type { Kind } from './kinds.ts';

const REPLICAS = ['spec', 'replicas'] as const;

/** Where a version keeps the number of replicas; undefined: it has no scale. `null`: there is no such version. */
function pathIn({ custom, resource }: Kind, apiVersion: string): readonly string[] | undefined | null {
  if (custom !== undefined) return custom.scalePaths.has(apiVersion) ? custom.scalePaths.get(apiVersion) : null;
  return groupVersionOf(apiVersion).group === resource.group ? REPLICAS : null;
}

const saysNumber = (object: KubeObject, path: readonly string[]): boolean => Number(path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], object) ?? 0) !== 0;

const alike = (a: Writer, b: Writer): boolean => a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource && a.apiVersion === b.apiVersion && a.time === b.time;

/**
 * Whoever owned the number loses it to the writer where it changes; none at all is nothing that a scale says, so nobody owns it then. Where it does not, those who have updated it keep it in an entry of its own, which says nothing of when.
 * Where nobody owned it, nobody does afterwards. Entries of versions that are no more are lost.
 */
export function noteScaled(kind: Kind, object: KubeObject, old: KubeObject, writer: Writer, changed: boolean): void {
  const kept: Owner[] = [];
  const holders: Owner[] = [];
  for (const owner of readOwners(old.metadata.managedFields)) {
    const path = pathIn(kind, owner.writer.apiVersion);
    if (path === null) continue;
    const rest = path === undefined ? undefined : withoutField(owner.fields, path);
    if (rest === undefined) {
      kept.push(owner);
      continue;
    }
    holders.push(owner);
    if (!changed && owner.writer.operation === 'Apply') kept.push(owner);
    else if (Object.keys(rest).length > 0) kept.push({ ...owner, fields: rest });
  }
  const path = pathIn(kind, writer.apiVersion) ?? REPLICAS;
  const now = holders.length === 0 || (changed && !saysNumber(object, path)) ? [] : changed ? [writer] : holders.filter((owner) => owner.writer.operation === 'Update').map((owner) => ({ ...owner.writer, apiVersion: writer.apiVersion, time: '' }));
  for (const one of now) if (!kept.some((owner) => alike(owner.writer, one))) kept.push({ writer: one, fields: onlyField(path) });
  if (kept.length === 0) delete object.metadata.managedFields;
  else object.metadata.managedFields = writeOwners(kept);
}
