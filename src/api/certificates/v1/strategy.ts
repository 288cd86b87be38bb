/** Strategies of the group certificates.k8s.io. */
import { keep, makeStrategy } from '../../meta/rules.ts';
import type { Strategy, StrategyContext } from '../../meta/strategy.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.ts';
import { validateRequest, validateRequestUpdate } from './validation.ts';

/** Conditions that are new get both times; those whose status changed a new transition time. */
function stampConditions(request: CertificateSigningRequest, old: CertificateSigningRequest, context: StrategyContext): void {
  const now = new Date(context.now).toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = request.status?.conditions?.map((condition) => {
    const was = old.status?.conditions?.find((other) => other.type === condition.type);
    const lastTransitionTime = condition.lastTransitionTime ?? (was?.status === condition.status ? was.lastTransitionTime : undefined) ?? now;
    return Object.assign({}, condition, { lastUpdateTime: condition.lastUpdateTime ?? now, lastTransitionTime });
  });
  if (conditions !== undefined) request.status = { ...request.status, conditions };
}

/** Who asks is the server's knowledge, whatever the request says. */
function setRequester(request: CertificateSigningRequest, context: StrategyContext): void {
  const spec = request.spec;
  delete spec.uid;
  delete spec.groups;
  delete spec.extra;
  spec.username = context.userName;
  if (context.user?.uid) spec.uid = context.user.uid;
  if (context.user?.groups) spec.groups = [...context.user.groups];
  if (context.user?.extra && Object.keys(context.user.extra).length > 0) spec.extra = Object.fromEntries(Object.entries(context.user.extra).map(([key, values]) => [key, [...values]]));
}

const DECISIONS: ReadonlySet<string> = new Set(['Approved', 'Denied']);

/** Through /status everything but the decisions changes. */
function keepDecisions(request: CertificateSigningRequest, old: CertificateSigningRequest): void {
  const decided = (old.status?.conditions ?? []).filter((condition) => DECISIONS.has(condition.type));
  const others: CertificateSigningRequestCondition[] = (request.status?.conditions ?? []).filter((condition) => !DECISIONS.has(condition.type));
  const added = (request.status?.conditions ?? []).filter((condition) => DECISIONS.has(condition.type) && !decided.some((was) => was.type === condition.type));
  if (decided.length + others.length + added.length > 0) request.status = { ...request.status, conditions: [...decided, ...added, ...others] };
}

/** Kind to strategy. */
export function certificatesStrategies(): Record<string, Strategy<never>> {
  return {
    CertificateSigningRequest: makeStrategy<CertificateSigningRequest>({
      namespaced: false, status: true,
      prepareForCreate(request, context) {
        setRequester(request, context);
        request.status = {};
      },
      prepareForUpdate(request, old, context) {
        const asked = request.status?.conditions;
        request.spec = old.spec;
        keep(request as unknown as Record<string, unknown>, old as unknown as Record<string, unknown>, 'status');
        if (context.subresource === 'approval') {
          const { conditions: _old, ...rest } = old.status ?? {};
          request.status = asked === undefined ? rest : { ...rest, conditions: asked };
          stampConditions(request, old, context);
        }
      },
      prepareForStatus(request, old, context) {
        keepDecisions(request, old);
        stampConditions(request, old, context);
      },
      validate: validateRequest,
      validateUpdate: (request, old, context) => validateRequestUpdate(request, old, context.subresource),
      validateStatus: (request, old) => [...validateRequest(request), ...validateRequestUpdate(request, old, 'status')],
      selectableFields: (request) => ({ 'spec.signerName': request.spec?.signerName ?? '' }),
    }),
  };
}
