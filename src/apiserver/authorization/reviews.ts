/** SubjectAccessReview and its relatives: may this user do that, and what may I do. */
import type { LocalSubjectAccessReview, ResourceAttributes, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus } from '../../api/authorization/v1/types.ts';
import { FieldPath, invalidValue, type FieldError } from '../../api/meta/field.ts';
import { badRequest, invalid } from '../../api/meta/status.ts';
import { userOf } from '../chain/authorization.ts';
import { infoOf } from '../chain/request-info.ts';
import { created, readObject, type VirtualHandler, type VirtualKind } from '../endpoints/virtual.ts';
import type { Authorizer, Decision, RequestInfo, UserInfo } from '../types.ts';

type Question = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

interface SelectorTerm { key?: string; operator?: string; values?: string[] }

/** Selector requirements in their text form, as a request would carry them. */
function selectorText(attributes: { rawSelector?: string; requirements?: SelectorTerm[] } | undefined): string | undefined {
  if (!attributes) return undefined;
  if (attributes.rawSelector) return attributes.rawSelector;
  const terms = (attributes.requirements ?? []).flatMap(({ key = '', operator, values = [] }) => {
    switch (operator) {
      case 'In': return values.length === 1 ? [`${key}=${values[0]!}`] : [`${key} in (${values.join(',')})`];
      case 'NotIn': return values.length === 1 ? [`${key}!=${values[0]!}`] : [`${key} notin (${values.join(',')})`];
      case 'Exists': return [key];
      case 'DoesNotExist': return [`!${key}`];
      default: return [];
    }
  });
  return terms.length === 0 ? undefined : terms.join(',');
}

function resourceQuestion(attributes: ResourceAttributes): RequestInfo {
  const fieldSelector = selectorText(attributes.fieldSelector);
  const labelSelector = selectorText(attributes.labelSelector);
  return {
    isResourceRequest: true, path: '', verb: attributes.verb ?? '', apiGroup: attributes.group ?? '', apiVersion: attributes.version ?? '', namespace: attributes.namespace ?? '',
    resource: attributes.resource ?? '', subresource: attributes.subresource ?? '', name: attributes.name ?? '', parts: [],
    ...(fieldSelector === undefined ? {} : { fieldSelector }), ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

function questionOf(spec: Question, kind: string, more: FieldError[] = []): RequestInfo {
  const errors = [...more];
  if ((spec.resourceAttributes === undefined) === (spec.nonResourceAttributes === undefined)) {
    const detail = spec.resourceAttributes === undefined ? 'exactly one of nonResourceAttributes or resourceAttributes must be specified' : 'cannot be specified in combination with resourceAttributes';
    errors.push(invalidValue(new FieldPath('spec').child(spec.resourceAttributes === undefined ? 'resourceAttributes' : 'nonResourceAttributes'), spec.nonResourceAttributes ?? null, detail));
  }
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind }, '', errors);
  if (spec.resourceAttributes) return resourceQuestion(spec.resourceAttributes);
  const { path = '', verb = '' } = spec.nonResourceAttributes!;
  return { isResourceRequest: false, path, verb, apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '', parts: [] };
}

function statusOf({ decision, reason }: Decision): SubjectAccessReviewStatus {
  return { allowed: decision === 'allow', ...(decision === 'deny' ? { denied: true } : {}), ...(reason === '' ? {} : { reason }) };
}

function subjectOf(spec: SubjectAccessReviewSpec): UserInfo {
  return { name: spec.user ?? '', ...(spec.uid ? { uid: spec.uid } : {}), groups: spec.groups ?? [], extra: spec.extra ?? {} };
}

function subjectErrors(spec: SubjectAccessReviewSpec): FieldError[] {
  return spec.user || spec.groups?.length ? [] : [invalidValue(new FieldPath('spec').child('user'), spec.user ?? '', 'at least one of user or group must be specified')];
}

export function subjectAccessReviews(kind: VirtualKind, authorizer: Authorizer): VirtualHandler {
  return async (request) => {
    const review = await readObject<SubjectAccessReview>(request, kind);
    const spec = review.spec ?? {};
    const info = questionOf(spec, kind.kind, subjectErrors(spec));
    return created(kind, { ...review, status: statusOf(await authorizer.authorize({ user: subjectOf(spec), info })) } as SubjectAccessReview);
  };
}

export function localSubjectAccessReviews(kind: VirtualKind, authorizer: Authorizer): VirtualHandler {
  return async (request) => {
    const review = await readObject<LocalSubjectAccessReview>(request, kind);
    const spec = review.spec ?? {};
    const { namespace } = infoOf(request);
    if (spec.nonResourceAttributes) throw invalid({ group: 'authorization.k8s.io', kind: kind.kind }, '', [invalidValue(new FieldPath('spec').child('nonResourceAttributes'), spec.nonResourceAttributes, 'disallowed on this kind of request')]);
    if ((spec.resourceAttributes?.namespace ?? '') !== namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    const info = questionOf(spec, kind.kind, subjectErrors(spec));
    return created(kind, { ...review, metadata: { ...review.metadata, namespace }, status: statusOf(await authorizer.authorize({ user: subjectOf(spec), info })) } as LocalSubjectAccessReview);
  };
}

export function selfSubjectAccessReviews(kind: VirtualKind, authorizer: Authorizer): VirtualHandler {
  return async (request) => {
    const review = await readObject<SelfSubjectAccessReview>(request, kind);
    const info = questionOf(review.spec ?? {}, kind.kind);
    return created(kind, { ...review, status: statusOf(await authorizer.authorize({ user: userOf(request), info })) } as SelfSubjectAccessReview);
  };
}

export function selfSubjectRulesReviews(kind: VirtualKind, authorizer: Authorizer): VirtualHandler {
  return async (request) => {
    const review = await readObject<SelfSubjectRulesReview>(request, kind);
    const namespace = review.spec?.namespace ?? '';
    if (namespace === '') throw badRequest('no namespace on request');
    const rules = authorizer.rulesFor?.(userOf(request), namespace) ?? { resourceRules: [], nonResourceRules: [], incomplete: true };
    return created(kind, { ...review, status: { resourceRules: rules.resourceRules, nonResourceRules: rules.nonResourceRules, incomplete: rules.incomplete } } as SelfSubjectRulesReview);
  };
}
