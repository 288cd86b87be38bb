/** Promises of the store and of the API server in front of it. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Checker } from './checker.ts';
import { aboutOf } from './paths.ts';

/** Commits give each revision once, rising, and replace exactly what was there. */
export function revisionsRise(): Checker {
  let newest = 0;
  const present = new Map<string, number>();
  return {
    name: 'revisions rise',
    promise: 'every commit has a revision above all before it, and replaces the state that was the newest of its key',
    committed({ revision, key, replaced, type }, _scene, fail) {
      if (revision <= newest) fail(`revision ${revision} came after ${newest}`);
      newest = revision;
      const before = present.get(key) ?? 0;
      if (before !== replaced) fail(`${key} at revision ${revision} replaced ${replaced}, but ${before} was there`);
      if (type === 'deleted') present.delete(key);
      else present.set(key, revision);
    },
  };
}

interface Moment {
  revision: number;
  replaced: number;
  isDeleted: boolean;
}

const versionOf = (object: unknown): number => Number((object as KubeObject | undefined)?.metadata?.resourceVersion ?? 0);

/** Reads see every write that was there when they set out; a write that names a revision replaced exactly that one; success means durable. */
export function linearizable(): Checker {
  const histories = new Map<string, Moment[]>();
  const newestAt = (key: string, revision: number): Moment | undefined => histories.get(key)?.findLast((moment) => moment.revision <= revision);
  return {
    name: 'linearizable',
    promise: 'a read shows no state older than the newest when it was sent; an update that names a revision replaces that one; what was answered with success is in the store',
    committed({ key, revision, replaced, type }) {
      const moment = { revision, replaced, isDeleted: type === 'deleted' };
      const history = histories.get(key);
      if (history) history.push(moment);
      else histories.set(key, [moment]);
    },
    exchanged({ request, status, answer, revisionBefore, component }, { state }, fail) {
      const about = aboutOf(request);
      if (!about?.key || (about.subresource && about.subresource !== 'status')) return;
      const before = newestAt(about.key, revisionBefore);
      const what = `${request.method} ${request.path} by ${component}`;
      if (request.method === 'GET' && request.query?.resourceVersion === undefined) {
        const isAbsent = status === 404;
        if (status === 200 && before && !before.isDeleted && versionOf(answer) < before.revision) fail(`${what} showed revision ${versionOf(answer)}, though ${before.revision} was there when it was sent`);
        const deletedSince = histories.get(about.key)?.some((moment) => moment.revision > revisionBefore && moment.isDeleted);
        if (isAbsent && before && !before.isDeleted && !deletedSince) fail(`${what} found nothing, though revision ${before.revision} was there and has not been deleted`);
        if (status === 200 && before?.isDeleted && versionOf(answer) < before.revision) fail(`${what} showed revision ${versionOf(answer)}, though ${before.revision} had deleted it`);
      }
      if (!['PUT', 'POST', 'PATCH'].includes(request.method) || status >= 300 || request.query?.dryRun !== undefined) return;
      const version = versionOf(answer);
      if (version > state.revision) fail(`${what} was answered with revision ${version}, but the store has only ${state.revision}`);
      if (request.method !== 'PUT' || typeof request.body !== 'string') return;
      const named = versionOf(JSON.parse(request.body));
      if (named === 0 || named === version) return;
      const moment = histories.get(about.key)?.find((each) => each.revision === version);
      // An update that ends an object has no revision of its own.
      if (moment && moment.replaced !== named) fail(`${what} named revision ${named} and was taken as ${version}, which replaced ${moment.replaced}`);
    },
  };
}

interface WatchPosition {
  /** Index into the folder's commits of the next that must come; undefined: where it began is not known. */
  next: number | undefined;
  newest: number;
}

/** Every watcher hears every change once, in order. */
export function watchesAreWhole(): Checker {
  const commits = new Map<string, { revision: number; key: string; namespace: string | undefined; type: string }[]>();
  const positions = new Map<number, WatchPosition>();
  const indexAfter = (folder: string, revision: number): number => {
    const log = commits.get(folder) ?? [];
    let [low, high] = [0, log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (log[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    name: 'watches are whole',
    promise: 'a watch brings every change above its revision once and in order; a bookmark tells no revision before all changes up to it have come',
    committed({ folder, revision, key, object, type }) {
      const log = commits.get(folder) ?? [];
      log.push({ revision, key, namespace: object.metadata.namespace, type });
      commits.set(folder, log);
    },
    watched({ watchId, request, events, component }, _scene, fail) {
      const about = aboutOf(request);
      if (!about) return;
      const folder = about.resource.storagePrefix;
      const begin = Number(request.query?.resourceVersion ?? 0);
      const isSelected = request.query?.labelSelector !== undefined || request.query?.fieldSelector !== undefined;
      let position = positions.get(watchId);
      if (!position) positions.set(watchId, (position = { next: isSelected || begin === 0 ? undefined : indexAfter(folder, begin), newest: begin }));
      const log = commits.get(folder) ?? [];
      const skip = (): void => {
        while (position.next! < log.length && about.namespace !== undefined && log[position.next!]!.namespace !== about.namespace) position.next!++;
      };
      const who = `watch ${watchId} on ${request.path} by ${component}`;
      for (const event of events) {
        if (event.type === 'ERROR') return;
        const revision = versionOf(event.object);
        if (event.type === 'BOOKMARK') {
          if (revision < position.newest) fail(`${who}: a bookmark of ${revision} came after ${position.newest}`);
          position.newest = Math.max(position.newest, revision);
          if (position.next === undefined) continue;
          skip();
          const missing = log[position.next];
          if (missing && missing.revision <= revision) fail(`${who}: a bookmark told ${revision}, but ${missing.key} of ${missing.revision} has not come`);
          continue;
        }
        if (begin !== 0 && revision <= position.newest) fail(`${who}: ${event.type} ${event.object.metadata?.name} of ${revision} came after ${position.newest}`);
        position.newest = revision;
        if (position.next === undefined) continue;
        skip();
        const wanted = log[position.next];
        if (wanted?.revision !== revision) fail(`${who}: ${event.type} ${event.object.metadata?.name} of ${revision} came where ${wanted ? `${wanted.key} of ${wanted.revision}` : 'nothing'} was due`);
        else position.next++;
      }
    },
  };
}

/** How long after an update that may take the last finalizer away an object may vanish. */
const updateWindowMs = 60_000;

export function finalizersHold(): Checker {
  const updates = new Map<string, number>();
  return {
    name: 'finalizers hold',
    promise: 'no object vanishes before it was marked as deleted and its finalizers were taken away by an update',
    sent(request, _user, scene) {
      const about = request.method === 'PUT' || request.method === 'PATCH' ? aboutOf(request) : undefined;
      if (about?.key) updates.set(about.key, scene.nowMs());
    },
    committed({ type, key, object, atMs }, _scene, fail) {
      if (type !== 'deleted') return;
      const finalizers = object.metadata.finalizers ?? [];
      if (finalizers.length === 0) return;
      if (object.metadata.deletionTimestamp === undefined) fail(`${key} vanished with finalizers ${finalizers.join(', ')}, and had not been marked`);
      else if ((updates.get(key) ?? Number.NEGATIVE_INFINITY) < atMs - updateWindowMs) fail(`${key} vanished with finalizers ${finalizers.join(', ')}, and nobody had taken them away`);
    },
  };
}

/** A namespace that is gone holds nothing, and nothing comes into one that is not there. */
export function namespacesEndEmpty(): Checker {
  return {
    name: 'namespaces end empty',
    promise: 'when a namespace is gone nothing is left in it, and nothing is written into a namespace that is not there',
    committed({ type, folder, key, object }, { state }, fail) {
      if (folder === 'namespaces' && type === 'deleted') {
        const left = [...state.inNamespace(object.metadata.name!)].filter((each) => !each.startsWith('/registry/events/'));
        if (left.length > 0) fail(`namespace ${object.metadata.name} is gone, and ${left.slice(0, 5).join(', ')} ${left.length > 1 ? 'are' : 'is'} still there`);
      }
      const { namespace } = object.metadata;
      if (type === 'created' && namespace !== undefined && folder !== 'events' && !state.folder('namespaces').has(`/registry/namespaces/${namespace}`)) fail(`${key} was created in a namespace that is not there`);
    },
  };
}
