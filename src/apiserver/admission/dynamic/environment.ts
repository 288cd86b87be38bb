/** What expressions of admission may name, and their values for a request. */
import {
  authorizerValue, CelError, compile, formatIssues, formatType, limits, PendingDecision, requestResourceValue, type CelType, type Environment, type Evaluation, type Program,
} from '../../../cel/index.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import type { Namespace } from '../../../api/core/v1/types.ts';
import type { AdmissionRequest, Authorizer, UserInfo } from '../../types.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { inTypeOrder } from '../../../api/order.ts';
import { protobufSchema } from '../../../api/protobuf/kinds.ts';
import { inVersion, kindIn, requestedOf } from './versions.ts';

/** An expression ready to run, or why it is not. */
export type Compiled = { program: Program; fault?: undefined } | { program?: undefined; fault: string; /** Upstream takes the fault for one of its own. */ internal?: boolean };

/** Of lists and objects only these are wanted anywhere: by mutations. */
const wholeNames: Partial<Record<CelType['kind'], string>> = { list: 'list(JSONPatch)', object: 'Object' };
const names: Partial<Record<CelType['kind'], string>> = { null: 'null_type', ...wholeNames };
const namesOf = (kinds: readonly CelType['kind'][]): string => {
  const texts = kinds.map((kind) => names[kind] ?? kind);
  return texts.length === 1 ? texts[0]! : `one of [${texts.join(' ')}]`;
};

/** Several faults as one. */
export const together = (faults: readonly string[]): string => (new Set(faults).size === 1 ? faults[0]! : `[${[...new Set(faults)].join(', ')}]`);

/** An expression that does not compile, when somebody wants its value. */
export class NotCompiled extends CelError {
  constructor(fault: string) {
    super(`compilation error: ${fault}`);
  }
}

/** Nothing is left for this expression, or any after it. */
export class OutOfBudget extends CelError {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run', true);
  }
}

/** How the error of an expression is told: those that are not of its own making as they are. */
export function faultOf(expression: string, error: CelError): string {
  return error instanceof NotCompiled || error instanceof OutOfBudget ? error.message : `expression '${expression}' resulted in error: ${error.message}`;
}

/** Compiles, and holds the result against the types that are allowed. */
export function compileExpression(source: string, environment: Environment, ...allowed: readonly CelType['kind'][]): Compiled {
  const result = compile(source, environment);
  if (!result.ok) return { fault: `compilation failed: ${formatIssues(source, result.issues)}` };
  const { outputType } = result.program;
  // What is of any type is refused, too: that would show only when it is too late.
  const type = formatType(outputType);
  if (allowed.length > 0 && !allowed.some((kind) => outputType.kind === kind && (wholeNames[kind] ?? type) === type)) return { fault: `must evaluate to ${namesOf(allowed)} but got ${type}` };
  const fault = result.program.fault();
  return fault === undefined ? { program: result.program } : { fault: `program instantiation failed: ${fault}`, internal: true };
}

export const userJson = (user: UserInfo): Record<string, unknown> => ({ username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: [...user.groups], ...(user.extra ? { extra: user.extra } : {}) });

const resourceJson = ({ group, version, plural }: Resource): Record<string, string> => ({ group, version, resource: plural });

/** `CreateOptions` and its like, as the request had them. */
export function optionsJson(request: AdmissionRequest): Record<string, unknown> | undefined {
  const kind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: undefined }[request.operation];
  if (kind === undefined) return undefined;
  const { dryRun: _dryRun, force: _force, ...rest } = request.options;
  return { kind, apiVersion: 'meta.k8s.io/v1', ...rest, ...(request.dryRun ? { dryRun: ['All'] } : {}) };
}

/** What is said of a request beside its objects: to webhooks, and to expressions. */
export function aboutRequest(request: AdmissionRequest, resource: Resource): Record<string, unknown> {
  const asked = requestedOf(request);
  const { subresource } = request;
  const isNamespace = asked.group === '' && asked.plural === 'namespaces';
  const namespace = isNamespace ? request.name : request.namespace;
  return {
    kind: kindIn(request, resource), resource: resourceJson(resource), ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindIn(request, asked), requestResource: resourceJson(asked), ...(subresource === '' ? {} : { requestSubResource: subresource }),
    name: request.name, ...(namespace === '' ? {} : { namespace }), operation: request.operation, userInfo: userJson(request.user), dryRun: request.dryRun,
    ...(request.operation === 'CONNECT' ? {} : { options: optionsJson(request) }),
  };
}

/** Works a value out when it is first asked for. */
function once<T>(make: () => T): () => T {
  let known: { value: T } | undefined;
  return () => (known ??= { value: make() }).value;
}

/** A policy's parameters as expressions see them. */
export function paramSeen(param: KubeObject | undefined): KubeObject | null {
  if (param === undefined) return null;
  const schema = protobufSchema(param.apiVersion ?? '', param.kind ?? '');
  return schema === undefined ? param : inTypeOrder(schema, param);
}

/** The values of one request; params and variables are added by policies. Those that cost something are worked out when they are asked for. */
export function activationOf(request: AdmissionRequest, resource: Resource, authorizer: Authorizer, namespace?: Namespace): Record<string, unknown> {
  const asks = authorizerValue(async (query) => {
    const { serviceAccount: account, path, verb, group: apiGroup, ...rest } = query;
    const user: UserInfo = account === undefined ? request.user
      : { name: `system:serviceaccount:${account.namespace}:${account.name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'] };
    const info = { isResourceRequest: path === undefined, path: path ?? '', verb, apiGroup, apiVersion: '*', parts: [], ...rest };
    const { decision, reason } = await authorizer.authorize({ user, info });
    return { allowed: decision === 'allow', reason };
  });
  const asked = requestedOf(request);
  return {
    object: once(() => inVersion(request, request.object, resource) ?? null),
    oldObject: once(() => inVersion(request, request.oldObject, resource) ?? null),
    request: () => aboutRequest(request, resource),
    authorizer: asks,
    'authorizer.requestResource': () => requestResourceValue(asks, { group: asked.group, resource: asked.plural, subresource: request.subresource, namespace: request.namespace, name: request.name }),
    namespaceObject: namespace ?? null,
  };
}

/** Repeats `evaluate` until no authorizer keeps it waiting. */
export async function settled<T>(evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof PendingDecision)) throw error;
      await error.settled;
    }
  }
}

/** What the expressions of one policy may still cost. */
export class Budget {
  left: number;
  constructor(left: number = limits.runtimeBudget) {
    this.left = left;
  }

  /** Throws CelError, also when the budget has run out. */
  run(program: Program, activation: Readonly<Record<string, unknown>>): Evaluation {
    if (this.left < 0) throw new OutOfBudget();
    const result = program.evaluate(activation, { costLimit: limits.perCall });
    this.left -= result.cost;
    if (this.left < 0) throw new OutOfBudget();
    return result;
  }
}
