/** What a write through a subresource may change; everything else stays as it is stored, whatever the body says. */
import type { KubeObject } from '../../../api/meta/v1/types.ts';

type Loose = Record<string, unknown>;

const record = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

/** Puts `object` into the form that the subresource allows, in place. `old` is shared and frozen. */
export function restrictTo(subresource: string, object: KubeObject, old: KubeObject): void {
  const body = object as unknown as Loose;
  const stored = old as unknown as Loose;
  const own = { spec: record(body['spec']), status: record(body['status']) };
  if (subresource === '' || subresource === 'status') return;
  for (const field of Object.keys(body)) if (field !== 'metadata' && field !== 'kind' && field !== 'apiVersion' && !(field in stored)) delete body[field];
  for (const field of Object.keys(stored)) if (field !== 'metadata' && field !== 'kind' && field !== 'apiVersion') body[field] = structuredClone(stored[field]);
  const { resourceVersion } = object.metadata;
  if (subresource !== 'approval') object.metadata = structuredClone(old.metadata);
  if (resourceVersion === undefined) delete object.metadata.resourceVersion;
  else object.metadata.resourceVersion = resourceVersion;
  const change = CHANGES[subresource];
  change?.(body, own);
}

type Own = { spec: Loose; status: Loose };

const CHANGES: Readonly<Record<string, (body: Loose, own: Own) => void>> = {
  finalize: (body, own) => void (body['spec'] = { ...record(body['spec']), finalizers: own.spec['finalizers'] ?? [] }),
  approval: (body, own) => void (body['status'] = { ...record(body['status']), conditions: own.status['conditions'] ?? [] }),
  ephemeralcontainers: (body, own) => void (body['spec'] = { ...record(body['spec']), ephemeralContainers: own.spec['ephemeralContainers'] ?? [] }),
  resize: (body, own) => {
    const spec = record(body['spec']);
    for (const list of ['containers', 'initContainers']) {
      const wanted = new Map((Array.isArray(own.spec[list]) ? (own.spec[list] as Loose[]) : []).map((container) => [container['name'], container]));
      const stored = spec[list];
      if (!Array.isArray(stored)) continue;
      spec[list] = (stored as Loose[]).map((container) => {
        const asked = wanted.get(container['name']);
        if (asked === undefined) return container;
        const { resources: _resources, resizePolicy: _policy, ...next } = container;
        for (const field of ['resources', 'resizePolicy']) if (asked[field] !== undefined) next[field] = asked[field];
        return next;
      });
    }
    if (own.spec['resources'] !== undefined) spec['resources'] = own.spec['resources'];
    body['spec'] = spec;
  },
};
