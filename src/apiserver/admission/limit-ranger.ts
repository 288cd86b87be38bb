/** Limit ranges of a namespace: defaults for what containers ask for, and bounds. https://kubernetes.io/docs/concepts/policy/limit-range/ */
import { own } from '../../base/own.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { addQuantity, compareQuantity, formatQuantity, quantityToNumber } from '../../api/meta/quantity.ts';
import { LimitRanges, PersistentVolumeClaims, Pods } from '../../api/resources.ts';
import type { AdmissionRequest } from '../types.ts';
import { isFor, objectOf, refusal, type CreatePlugin } from './context.ts';

const annotation = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string>>;

interface Asked {
  requests: Amounts;
  limits: Amounts;
}

const askedBy = (container: Pick<Container, 'resources'>): Asked => ({ requests: container.resources?.requests ?? {}, limits: container.resources?.limits ?? {} });

/** Fills in what a container leaves open; returns the names that were set. */
function fillIn(container: Container, defaults: { requests: Amounts; limits: Amounts }): { requests: string[]; limits: string[] } {
  const added = { requests: [] as string[], limits: [] as string[] };
  for (const part of ['limits', 'requests'] as const) {
    for (const [name, value] of Object.entries(defaults[part])) {
      if (own(container.resources?.[part], name) !== undefined) continue;
      container.resources ??= {};
      container.resources[part] = { ...container.resources[part], [name]: value };
      added[part].push(name);
    }
  }
  return added;
}

function defaultsOf(items: readonly LimitRangeItem[]): { requests: Amounts; limits: Amounts } {
  const requests: Record<string, string> = {};
  const limits: Record<string, string> = {};
  for (const item of items) {
    if (item.type !== 'Container') continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  return { requests, limits };
}

function applyDefaults(pod: Pod, items: readonly LimitRangeItem[]): void {
  const defaults = defaultsOf(items);
  const notes: string[] = [];
  const kinds = [['container', pod.spec?.containers], ['init container', pod.spec?.initContainers]] as const;
  for (const [what, containers] of kinds) {
    for (const container of containers ?? []) {
      const { requests, limits } = fillIn(container, defaults);
      if (requests.length > 0) notes.push(`${requests.toSorted().join(', ')} request for ${what} ${container.name}`);
      if (limits.length > 0) notes.push(`${limits.toSorted().join(', ')} limit for ${what} ${container.name}`);
    }
  }
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` };
}

/** The rules of one item that the amounts break, in the words that clients know. */
export function violations(item: LimitRangeItem, { requests, limits }: Asked): string[] {
  const errors: string[] = [];
  for (const [name, least] of Object.entries(item.min ?? {})) {
    const [request, limit] = [own(requests, name), own(limits, name)];
    if (request === undefined) errors.push(`minimum ${name} usage per ${item.type} is ${least}.  No request is specified`);
    else if (compareQuantity(request, least) < 0) errors.push(`minimum ${name} usage per ${item.type} is ${least}, but request is ${request}`);
    else if (limit !== undefined && compareQuantity(limit, least) < 0) errors.push(`minimum ${name} usage per ${item.type} is ${least}, but limit is ${limit}`);
  }
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const [request, limit] = [own(requests, name), own(limits, name)];
    // Claims have no limits: their request is what counts.
    if (item.type === 'PersistentVolumeClaim') {
      if (request === undefined) errors.push(`maximum ${name} usage per ${item.type} is ${most}.  No request is specified`);
      else if (compareQuantity(request, most) > 0) errors.push(`maximum ${name} usage per ${item.type} is ${most}, but request is ${request}`);
    } else if (limit === undefined) errors.push(`maximum ${name} usage per ${item.type} is ${most}.  No limit is specified`);
    else if (compareQuantity(limit, most) > 0) errors.push(`maximum ${name} usage per ${item.type} is ${most}, but limit is ${limit}`);
    else if (request !== undefined && compareQuantity(request, most) > 0) errors.push(`maximum ${name} usage per ${item.type} is ${most}, but request is ${request}`);
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const [request, limit] = [own(requests, name), own(limits, name)];
    if (request === undefined || quantityToNumber(request) === 0) errors.push(`${name} max limit to request ratio per ${item.type} is ${ratio}, but no request is specified or request is 0`);
    else if (limit === undefined || quantityToNumber(limit) === 0) errors.push(`${name} max limit to request ratio per ${item.type} is ${ratio}, but no limit is specified or limit is 0`);
    else if (quantityToNumber(limit) / quantityToNumber(request) > quantityToNumber(ratio)) errors.push(`${name} max limit to request ratio per ${item.type} is ${ratio}, but provided ratio is ${(quantityToNumber(limit) / quantityToNumber(request)).toFixed(6)}`);
  }
  return errors;
}

function sum(all: readonly Amounts[]): Record<string, string> {
  const total: Record<string, string> = {};
  for (const amounts of all) for (const [name, value] of Object.entries(amounts)) total[name] = total[name] === undefined ? value : formatQuantity(addQuantity(total[name], value));
  return total;
}

function larger(a: Amounts, b: Amounts): Record<string, string> {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) if (result[name] === undefined || compareQuantity(value, result[name]) > 0) result[name] = value;
  return result;
}

/** What a pod asks for in all: containers and sidecars together, or one init container if that is more. */
function podTotals(pod: Pod): Asked {
  const init = pod.spec?.initContainers ?? [];
  const running = [...(pod.spec?.containers ?? []), ...init.filter((c) => c.restartPolicy === 'Always')].map(askedBy);
  const once = init.filter((c) => c.restartPolicy !== 'Always').map(askedBy);
  const total = (part: keyof Asked): Amounts => once.reduce((most, container) => larger(most, container[part]), sum(running.map((container) => container[part])) as Amounts);
  const own = pod.spec?.resources;
  return { requests: { ...total('requests'), ...own?.requests }, limits: { ...total('limits'), ...own?.limits } };
}

export const limitRanger: CreatePlugin = ({ lookup }) => {
  const itemsOf = (request: AdmissionRequest): LimitRangeItem[] => lookup.list(LimitRanges, request.namespace).flatMap((range) => range.spec?.limits ?? []);
  const concerns = (request: AdmissionRequest): boolean => isFor(request, Pods) || isFor(request, PersistentVolumeClaims);

  return {
    name: 'LimitRanger',
    // Pods do not change what they ask for by an update: only when they are made, or resized.
    handles: (request) => (request.operation === 'CREATE' && concerns(request)) || (request.operation === 'UPDATE' && (isFor(request, PersistentVolumeClaims) || isFor(request, Pods, ['resize']))),
    mutate(request) {
      if (request.operation === 'CREATE' && isFor(request, Pods)) applyDefaults(objectOf<Pod>(request), itemsOf(request));
    },
    validate(request) {
      const items = itemsOf(request);
      if (items.length === 0) return;
      const errors: string[] = [];
      if (isFor(request, PersistentVolumeClaims)) {
        const claim = objectOf<PersistentVolumeClaim>(request);
        const asked = { requests: claim.spec?.resources?.requests ?? {}, limits: {} };
        for (const item of items) if (item.type === 'PersistentVolumeClaim') errors.push(...violations(item, asked));
      } else {
        const pod = objectOf<Pod>(request);
        const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].map(askedBy);
        for (const item of items) {
          if (item.type === 'Container') errors.push(...containers.flatMap((asked) => violations(item, asked)));
          if (item.type === 'Pod') errors.push(...violations(item, podTotals(pod)));
        }
      }
      if (errors.length > 0) throw refusal(request, errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
    },
  };
};
