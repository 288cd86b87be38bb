import { describe, expect, test } from 'vitest';
import type { ValidatingAdmissionPolicy } from '../../api/admissionregistration/v1/types.ts';
import { RESOURCES } from '../../api/resources.ts';
import { nodeHost } from '../../host/node/index.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startAdmissionPolicyStatus } from './controller.ts';
import { decideStatus, foreignVersions, type CustomKind } from './decide.ts';

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>;

const policy = (spec: Spec): ValidatingAdmissionPolicy => ({ metadata: { name: 'p', generation: 2 }, spec });
const on = (group: string, version: string, ...resources: string[]): Spec => ({ matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: [version], operations: ['CREATE'], resources }] } });
const widget: CustomKind = { group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } } };

describe('types in policies', () => {
  const rows: [string, Spec, string[]][] = [
    ['right ones', { ...on('apps', 'v1', 'deployments'), validations: [{ expression: 'object.spec.replicas > 1' }] }, []],
    ['an unknown field', { ...on('apps', 'v1', 'deployments'), validations: [{ expression: 'object.replicas > 1' }] }, ["apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^"]],
    ['each kind on its own', { ...on('apps', 'v1', 'deployments', 'daemonsets'), validations: [{ expression: 'object.spec.replicas > 1' }] }, ["apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n | ...........^"]],
    ['wrong types, also of messages', { ...on('', 'v1', 'pods'), validations: [{ expression: "object.spec.hostNetwork == 'x'", messageExpression: 'object.metadata.nope' }] }, [
      "v1, Kind=Pod: ERROR: <input>:1:25: found no matching overload for '_==_' applied to '(bool, string)'\n | object.spec.hostNetwork == 'x'\n | ........................^",
      "v1, Kind=Pod: ERROR: <input>:1:16: undefined field 'nope'\n | object.metadata.nope\n | ...............^",
    ]],
    ['through variables', { ...on('apps', 'v1', 'deployments'), variables: [{ name: 'spec', expression: 'object.spec' }], validations: [{ expression: 'variables.spec.nope == 1' }] }, ["apps/v1, Kind=Deployment: ERROR: <input>:1:15: undefined field 'nope'\n | variables.spec.nope == 1\n | ..............^"]],
    ['wildcards: nothing is known', { ...on('*', '*', '*'), validations: [{ expression: 'object.anything == 1' }] }, []],
    ['a custom resource', { ...on('example.com', 'v1', 'widgets'), validations: [{ expression: "object.spec.size == 'big'" }] }, ["example.com/v1, Kind=Widget: ERROR: <input>:1:18: found no matching overload for '_==_' applied to '(int, string)'\n | object.spec.size == 'big'\n | .................^"]],
    ['parameters', { ...on('', 'v1', 'pods'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'params.data.most == 1' }] }, ["v1, Kind=Pod: ERROR: <input>:1:18: found no matching overload for '_==_' applied to '(string, int)'\n | params.data.most == 1\n | .................^"]],
    ['labels, quantities, times', { ...on('', 'v1', 'pods'), validations: [{ expression: "object.metadata.labels['a'] == 'b' && object.spec.containers.all(c, quantity(c.resources.limits['cpu']).isLessThan(quantity('2'))) && object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')" }] }, []],
  ];
  test.each(rows)('%s', (_name, spec, warnings) => {
    const status = decideStatus({ policy: policy(spec), resources: RESOURCES, custom: [widget] });
    expect(status?.observedGeneration).toBe(2);
    expect((status?.typeChecking?.expressionWarnings ?? []).map(({ warning }) => warning)).toEqual(warnings);
  });

  test('a policy is looked at once a generation', () => {
    expect(decideStatus({ policy: { ...policy({}), status: { observedGeneration: 2 } }, resources: RESOURCES, custom: [] })).toBeUndefined();
    expect(decideStatus({ policy: undefined, resources: RESOURCES, custom: [] })).toBeUndefined();
  });

  test('the server is asked for what no table has', () => {
    expect(foreignVersions(policy({ ...on('example.com', 'v1', 'widgets'), paramKind: { apiVersion: 'example.com/v2', kind: 'X' } }), RESOURCES)).toEqual(['example.com/v1', 'example.com/v2']);
    expect(foreignVersions(policy(on('apps', 'v1', 'deployments')), RESOURCES)).toEqual([]);
  });

  test('the controller writes the status', async () => {
    const host = virtualHost({ seed: 'policies', settle: turn });
    const context = fakeContext(host);
    context.api.put('validatingadmissionpolicies', policy({ ...on('apps', 'v1', 'deployments'), validations: [{ expression: 'object.nope' }] }));
    context.run(startAdmissionPolicyStatus);
    const observed = (): number | undefined => context.api.object<ValidatingAdmissionPolicy>('validatingadmissionpolicies', 'p')?.status?.observedGeneration;
    const real = nodeHost({ logLevel: 'silent' }).clock;
    // CEL comes from the disk, in real time.
    for (let i = 0; i < 1000 && observed() === undefined; i++) {
      await host.clock.advance(100);
      await real.sleep(10);
    }
    expect(observed()).toBe(2);
    expect(context.api.object<ValidatingAdmissionPolicy>('validatingadmissionpolicies', 'p')?.status?.typeChecking?.expressionWarnings).toHaveLength(1);
    await context.stop();
  });
});
