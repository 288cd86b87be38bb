import { describe, expect, test } from 'vitest';
import type { ServiceSpec } from '../../../api/core/v1/types.ts';
import { settleFamilies } from './families.ts';
import type { Family } from './ranges.ts';

const single: Family[] = ['IPv4'];
const dual: Family[] = ['IPv4', 'IPv6'];
const dual6: Family[] = ['IPv6', 'IPv4'];

describe('families of a new service', () => {
  test.each<[string, ServiceSpec, Family[], string, string[]]>([
    ['nothing said', {}, single, 'SingleStack', ['IPv4']],
    ['nothing said, the cluster prefers IPv6', {}, dual6, 'SingleStack', ['IPv6']],
    ['both preferred where both are', { ipFamilyPolicy: 'PreferDualStack' }, dual, 'PreferDualStack', ['IPv4', 'IPv6']],
    ['both preferred where one is', { ipFamilyPolicy: 'PreferDualStack' }, single, 'PreferDualStack', ['IPv4']],
    ['both required', { ipFamilyPolicy: 'RequireDualStack' }, dual6, 'RequireDualStack', ['IPv6', 'IPv4']],
    ['the other family first', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, dual, 'RequireDualStack', ['IPv6', 'IPv4']],
    ['one family named', { ipFamilies: ['IPv6'] }, dual, 'SingleStack', ['IPv6']],
    ['an address says its family', { clusterIPs: ['fd00::9'] }, dual, 'SingleStack', ['IPv6']],
    ['headless with a selector', { clusterIP: 'None', clusterIPs: ['None'], selector: { a: 'b' } }, dual, 'SingleStack', ['IPv4']],
    ['headless without a selector', { clusterIP: 'None', clusterIPs: ['None'] }, single, 'RequireDualStack', ['IPv4', 'IPv6']],
    ['headless without a selector, one family wanted', { clusterIP: 'None', clusterIPs: ['None'], ipFamilyPolicy: 'SingleStack' }, dual, 'SingleStack', ['IPv4']],
  ])('%s', (_name, spec, cluster, policy, families) => {
    expect(settleFamilies(spec, undefined, cluster)).toEqual([]);
    expect([spec.ipFamilyPolicy, spec.ipFamilies]).toEqual([policy, families]);
  });

  test.each<[string, ServiceSpec, Family[], string[]]>([
    ['both required where one is', { ipFamilyPolicy: 'RequireDualStack' }, single, ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services']],
    ['a family that is not there', { ipFamilies: ['IPv6'] }, single, ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster']],
    ['an address of a family that is not there', { clusterIPs: ['fd00::9'] }, single, ['spec.clusterIPs[0]: Invalid value: ["fd00::9"]: IPv6 is not configured on this cluster']],
    ['two families without a policy', { ipFamilies: ['IPv4', 'IPv6'] }, dual, ["spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"]],
    ['two addresses without a policy', { clusterIPs: ['10.96.0.9', 'fd00::9'] }, dual, ["spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"]],
  ])('refused: %s', (_name, spec, cluster, expected) => {
    expect(settleFamilies(spec, undefined, cluster).map(({ field, detail }) => `${field}: ${detail}`)).toEqual(expected);
  });
});

describe('families of a service that changes', () => {
  const both = { ipFamilies: ['IPv4', 'IPv6'], clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', 'fd00::9'] };
  test.each<[string, ServiceSpec, ServiceSpec, Family[], string, string[], string[]]>([
    ['back to one gives up the second', { ...both, ipFamilyPolicy: 'SingleStack' }, { ...both, ipFamilyPolicy: 'RequireDualStack' }, dual, 'SingleStack', ['IPv4'], ['10.96.0.9']],
    ['from one to both', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.9'] }, { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.9'] }, dual, 'RequireDualStack', ['IPv4', 'IPv6'], ['10.96.0.9']],
    ['the cluster has come to have both', { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.9'] }, { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.9'] }, dual, 'PreferDualStack', ['IPv4'], ['10.96.0.9']],
  ])('%s', (_name, spec, old, cluster, policy, families, addresses) => {
    expect(settleFamilies(spec, old, cluster)).toEqual([]);
    expect([spec.ipFamilyPolicy, spec.ipFamilies, spec.clusterIPs]).toEqual([policy, families, addresses]);
  });

  test('to leave out the second address asks for a policy', () => {
    const errors = settleFamilies({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'], clusterIPs: ['10.96.0.9'] }, { ...both, ipFamilyPolicy: 'RequireDualStack' }, dual);
    expect(errors.map(({ detail }) => detail)).toEqual(['Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary cluster IP']);
  });
});
