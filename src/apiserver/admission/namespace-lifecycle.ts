/** Nothing is made in a namespace that is not there, or is going; some namespaces never go. */
import { Namespaces } from '../../api/resources.ts';
import { isTerminating } from '../../api/meta/objects.ts';
import { notFound } from '../../api/meta/status.ts';
import type { Namespace } from '../../api/core/v1/types.ts';
import type { AdmissionRequest } from '../types.ts';
import { findLive, withFound } from '../lookup.ts';
import { isFor, refusal, type CreatePlugin } from './context.ts';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
/** How long after a delete the local copy is not trusted: it may not have heard of it. */
const distrustMs = 30_000;
const maxDistrusted = 1000;

export const namespaceLifecycle: CreatePlugin = (context) => {
  const { client, host } = context;
  const deletedAt = new Map<string, number>();

  const withNamespace = (name: string, act: (namespace: Namespace | undefined) => void): void | Promise<void> => {
    const at = deletedAt.get(name);
    if (at !== undefined && host.clock.now() - at < distrustMs) return findLive(client, Namespaces, undefined, name).then(act);
    return withFound(context, Namespaces, undefined, name, act);
  };
  const remember = (name: string): void => {
    if (deletedAt.size >= maxDistrusted) deletedAt.delete(deletedAt.keys().next().value!);
    deletedAt.delete(name);
    deletedAt.set(name, host.clock.now());
  };

  function check(request: AdmissionRequest, namespace: Namespace | undefined): void {
    if (!namespace) throw notFound({ group: '', plural: 'namespaces' }, request.namespace);
    if (request.operation !== 'CREATE' || (!isTerminating(namespace) && namespace.status?.phase !== 'Terminating')) return;
    const error = refusal(request, `unable to create new content in namespace ${request.namespace} because it is being terminated`);
    error.status.details = { ...error.status.details, causes: [{ reason: 'NamespaceTerminating', message: `namespace ${request.namespace} is being terminated`, field: 'metadata.namespace' }] };
    throw error;
  }

  return {
    name: 'NamespaceLifecycle',
    handles: (request) => request.operation !== 'CONNECT' && (request.namespace !== '' || isFor(request, Namespaces)),
    mutate(request) {
      if (isFor(request, Namespaces, ['', 'status', 'finalize'])) {
        if (request.operation !== 'DELETE') return;
        if (immortal.has(request.name)) throw refusal(request, 'this namespace may not be deleted');
        if (!request.dryRun) remember(request.name);
        return;
      }
      if (!request.resource.namespaced || request.operation === 'DELETE') return;
      return withNamespace(request.namespace, (namespace) => check(request, namespace));
    },
  };
};
