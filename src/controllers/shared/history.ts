/**
 * Template history in ControllerRevisions: what `kubectl rollout history` and `undo` read for kinds that have no ReplicaSets. A revision's data is
 * the patch that brings the owner's template back.
 */
import type { ControllerRevision } from '../../api/apps/v1/types.ts';
import type { PodTemplateSpec } from '../../api/core/v1/types.ts';
import { oneAfter } from '../../api/exact-json.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { ControllerRevisions } from '../../api/resources.ts';
import { canonicalJson, sameValue } from './equality.ts';
import { controllerReference } from './ownership.ts';
import { safeHash } from './template.ts';

export const REVISION_HASH_LABEL = 'controller-revision-hash';

/** The strategic merge patch that puts the template in place of any other. */
export function templatePatch(template: PodTemplateSpec): object {
  return { spec: { template: { ...structuredClone(template), $patch: 'replace' } } };
}

/** A revision of the owner's template. Its name holds the hash of the template and of the collision count. */
export function buildRevision(owner: KubeObject, resource: Resource, template: PodTemplateSpec, revision: number, collisionCount: number | undefined): ControllerRevision {
  const data = templatePatch(template);
  const hash = safeHash(canonicalJson(data) + (collisionCount ? `#${collisionCount}` : ''));
  return {
    apiVersion: apiVersionOf(ControllerRevisions),
    kind: ControllerRevisions.kind,
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      namespace: owner.metadata.namespace!,
      labels: { ...template.metadata?.labels, [REVISION_HASH_LABEL]: hash },
      ...(owner.metadata.annotations ? { annotations: { ...owner.metadata.annotations } } : {}),
      ownerReferences: [controllerReference(owner, resource)],
    },
    data,
    revision,
  } as ControllerRevision;
}

export const revisionHash = (revision: ControllerRevision): string => revision.metadata.labels?.[REVISION_HASH_LABEL] ?? '';

export interface HistoryPlan {
  /** The revision that holds the present template, if there is one. */
  current?: ControllerRevision;
  /** To be created, when there is none. */
  create?: ControllerRevision;
  /** The present template was in use before: its revision takes this number now. */
  renumber?: number;
  old: ControllerRevision[];
}

/** Finds or makes the revision of the present template; the newest has the highest number. */
export function planHistory(owner: KubeObject, resource: Resource, template: PodTemplateSpec, revisions: readonly ControllerRevision[], collisionCount: number | undefined): HistoryPlan {
  const patch = templatePatch(template);
  const ordered = revisions.toSorted((a, b) => Number(a.revision) - Number(b.revision));
  const current = ordered.findLast((revision) => sameValue(revision.data, patch));
  const old = ordered.filter((revision) => revision !== current);
  const highest = old.at(-1)?.revision ?? 0;
  if (!current) return { create: buildRevision(owner, resource, template, oneAfter(highest), collisionCount), old };
  return current.revision <= highest ? { current, renumber: oneAfter(highest), old } : { current, old };
}

/** Old revisions beyond the limit that no pod uses, lowest number first. */
export function outdatedRevisions(old: readonly ControllerRevision[], limit: number, hashesInUse: ReadonlySet<string>): ControllerRevision[] {
  const excess = old.length - limit;
  if (excess <= 0) return [];
  return old.filter((revision) => !hashesInUse.has(revisionHash(revision))).slice(0, excess);
}
