/** Which address families a service has: what it asks for, what the cluster has, and what it had before. Pure. KEP-563. */
import { parseIp } from '../../../api/meta/addresses.ts';
import { FieldPath, invalidValue, type FieldError } from '../../../api/meta/field.ts';
import { sameValue } from '../../../api/meta/validation.ts';
import type { ServiceSpec } from '../../../api/core/v1/types.ts';
import type { Family } from './ranges.ts';

export const HEADLESS = 'None';
const SPEC = new FieldPath('spec');
const POLICY = SPEC.child('ipFamilyPolicy');

const other = (family: string): Family => (family === 'IPv4' ? 'IPv6' : 'IPv4');
const isSelectorless = (spec: ServiceSpec): boolean => Object.keys(spec.selector ?? {}).length === 0;

/**
 * Fills in policy and families, in place. `cluster` are the cluster's families, the first one its default. The answer names what cannot be had.
 */
export function settleFamilies(spec: ServiceSpec, old: ServiceSpec | undefined, cluster: readonly Family[]): FieldError[] {
  if (spec.type === 'ExternalName' || keepsAsItIs(spec, old)) return [];
  const headlessForAnybody = spec.clusterIP === HEADLESS && isSelectorless(spec);
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (headlessForAnybody ? 'RequireDualStack' : 'SingleStack');
  const errors = [...settleChange(spec, old), ...inferFamilies(spec, cluster)];
  if (errors.length > 0) return errors;
  const families = (spec.ipFamilies ??= []);
  if (headlessForAnybody) {
    // Its endpoints are somebody else's, of whatever family: the cluster's own families do not count.
    if (families.length === 0) families.push(cluster[0]!);
    if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') families.push(other(families[0]!));
    return [];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  for (const [i, family] of families.entries()) {
    // What is no family at all is told by validation.
    if ((family === 'IPv4' || family === 'IPv6') && !cluster.includes(family)) errors.push(invalidValue(SPEC.child('ipFamilies').index(i), family, 'not configured on this cluster'));
  }
  if (errors.length > 0) return errors;
  if (families.length === 0) families.push(cluster[0]!);
  if (spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1 && cluster.length === 2) families.push(other(families[0]!));
  return [];
}

/** A service that prefers two families is not changed because the cluster has come to have more, or fewer. */
function keepsAsItIs(spec: ServiceSpec, old: ServiceSpec | undefined): boolean {
  if (old === undefined || old.type === 'ExternalName') return false;
  return spec.ipFamilyPolicy === 'PreferDualStack' && old.ipFamilyPolicy === 'PreferDualStack' && sameValue(spec.clusterIPs, old.clusterIPs) && sameValue(spec.ipFamilies, old.ipFamilies);
}

function settleChange(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const [ips, families] = [spec.clusterIPs ?? [], spec.ipFamilies ?? []];
  if (old !== undefined && spec.ipFamilyPolicy === 'SingleStack') {
    // Going back to one family gives up the second address, where the client just sent both back.
    if (ips.length > 1 && sameValue(ips, old.clusterIPs)) spec.clusterIPs = ips.slice(0, 1);
    if (families.length > 1 && sameValue(families, old.ipFamilies)) spec.ipFamilies = families.slice(0, 1);
  } else if (old !== undefined && old.type !== 'ExternalName') {
    if (ips.length === 1 && (old.clusterIPs ?? []).length === 2 && ips[0] === old.clusterIPs![0]) errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"));
    if (families.length === 1 && (old.ipFamilies ?? []).length === 2 && families[0] === old.ipFamilies![0]) errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"));
  }
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if ((spec.clusterIPs ?? []).length === 2) errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"));
    if ((spec.ipFamilies ?? []).length === 2) errors.push(invalidValue(POLICY, spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"));
  }
  return errors;
}

/** Addresses that are named say their family. */
function inferFamilies(spec: ServiceSpec, cluster: readonly Family[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, text] of (spec.clusterIPs ?? []).entries()) {
    const ip = text === HEADLESS ? undefined : parseIp(text);
    if (ip === undefined) break;
    if (i < (spec.ipFamilies ?? []).length) continue;
    if (cluster.includes(ip.family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), ip.family];
    else errors.push(invalidValue(SPEC.child('clusterIPs').index(i), spec.clusterIPs, `${ip.family} is not configured on this cluster`));
  }
  return errors;
}
