/** What the kubelet and others may write to a pod's /status. */
import type { FieldError } from '../../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported } from '../../../meta/field.ts';
import { checkStrictIp, parseIp } from '../../../meta/addresses.ts';
import { dnsSubdomain, qualifiedName, userId } from '../../../meta/names.ts';
import { each, faultsAt, repeats } from '../../../meta/validation.ts';
import type { Container, ContainerStatus, Pod } from '../types.ts';
import { duplicatesOf } from './common.ts';
import { validateAnnotationUpdate } from './pod-annotations.ts';

const STATUS = new FieldPath('status');
/** The API names this place so. */
const CONDITIONS = new FieldPath('metadata.conditions');
const SYSTEM_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);

type StatusField = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

/** Containers that ended for good under their restart policy do not run again; debugging containers never do. */
function validateTransitions(field: StatusField, pod: Pod, old: Pod): FieldError[] {
  const statuses = old.status?.[field];
  if (statuses === undefined) return [];
  const ephemeral = field === 'ephemeralContainerStatuses';
  const policy = ephemeral ? 'Never' : old.spec?.restartPolicy;
  if (policy === 'Always') return [];
  const containers = ephemeral ? [] : ((field === 'containerStatuses' ? old.spec?.containers : old.spec?.initContainers) ?? []);
  return statuses.flatMap((was: ContainerStatus, i) => {
    const ended = was.state?.terminated;
    if (ended === undefined || (ended.exitCode !== 0 && policy === 'OnFailure')) return [];
    const container = containers.find((other) => other.name === was.name);
    if (container?.restartPolicy !== undefined || (container?.restartPolicyRules ?? []).length > 0) return [];
    const now = pod.status?.[field]?.find((status) => status.name === was.name);
    if (now === undefined || now.state?.terminated !== undefined) return [];
    return [forbiddenField(STATUS.child(field).index(i).child('state'), 'may not be transitioned to non-terminated state')];
  });
}

/** At most one address of each family. */
function validateAddresses(field: 'podIPs' | 'hostIPs', pod: Pod): FieldError[] {
  const list = pod.status?.[field];
  if (list === undefined || list.length === 0) return [];
  const path = STATUS.child(field);
  const errors: FieldError[] = field === 'hostIPs' && pod.status?.hostIP !== list[0]!.ip ? [invalidValue(path.index(0).child('ip'), list[0]!.ip, 'must be equal to `hostIP`')] : [];
  for (const [i, { ip }] of list.entries()) errors.push(...checkStrictIp(path.index(i), ip));
  if (list.length < 2) return errors;
  const families = new Set(list.map(({ ip }) => parseIp(ip)?.family));
  if (families.size < 2 || list.length > 2) errors.push(invalidValue(path, list.map(({ ip }) => ({ IP: ip })), 'may specify no more than one IP for each IP family'));
  return [...errors, ...duplicatesOf(list, ({ ip }) => ip, (entry, i) => duplicate(path.index(i), { IP: entry.ip }))];
}

function validateUsers(field: StatusField, pod: Pod): FieldError[] {
  const windows = pod.spec?.os?.name === 'windows';
  return each(pod.status?.[field], ({ user }, i) => {
    const linux = user?.linux;
    if (linux === undefined) return [];
    const path = STATUS.child(field).index(i).child('linux');
    if (windows) return [forbiddenField(path, 'cannot be set for a windows pod')];
    return [
      ...faultsAt(path.child('uid'), linux.uid, userId(linux.uid)),
      ...faultsAt(path.child('gid'), linux.gid, userId(linux.gid)),
      ...each(linux.supplementalGroups, (id, j) => faultsAt(path.child('supplementalGroups').index(j), id, userId(id))),
    ];
  });
}

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];

/** The names by which a container's status may speak of its devices: of what it asks for, and of its claims. */
function allocatedNames({ resources }: Container): { requests: ReadonlySet<string>; claims: ReadonlySet<string> } {
  return { requests: new Set(Object.keys(resources?.requests ?? {})), claims: new Set((resources?.claims ?? []).map(({ name, request }) => `claim:${name}${request ? `/${request}` : ''}`)) };
}

/** How the devices of containers are doing. Debugging containers have none. */
function validateAllocated(field: StatusField, pod: Pod): FieldError[] {
  const containers = field === 'containerStatuses' ? pod.spec?.containers : pod.spec?.initContainers;
  return each(pod.status?.[field], ({ name, allocatedResourcesStatus = [] }, i) => {
    const path = STATUS.child(field).index(i).child('allocatedResourcesStatus');
    if (field === 'ephemeralContainerStatuses') return allocatedResourcesStatus.length === 0 ? [] : [forbiddenField(path, 'must not be specified in container status')];
    const container = containers?.find((one) => one.name === name);
    return allocatedResourcesStatus.flatMap((resource, j) => {
      const at = path.index(j);
      const ofClaim = resource.name.startsWith('claim:');
      // What there is no container for may be on its way out.
      const known = container === undefined ? undefined : allocatedNames(container)[ofClaim ? 'claims' : 'requests'];
      const text = ofClaim ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty" : "must match one of the container's resource requests";
      const seen = repeats();
      return [
        ...(known === undefined || known.has(resource.name) ? [] : [invalidValue(at.child('name'), resource.name, text)]),
        ...(resource.resources ?? []).flatMap(({ health = '', resourceID }, k) => [
          ...(HEALTH.includes(health) ? [] : [notSupported(at.child('resources').index(k).child('health'), health, HEALTH)]),
          ...(seen(resourceID) ? [duplicate(at.child('resources').index(k).child('resourceID'), resourceID)] : []),
        ]),
      ];
    });
  });
}

function validateClaims(pod: Pod): FieldError[] {
  const claims = pod.status?.resourceClaimStatuses;
  if (claims === undefined || claims.length === 0) return [];
  const path = STATUS.child('resourceClaimStatuses');
  const known = new Set((pod.spec?.resourceClaims ?? []).map((claim) => claim.name));
  return [
    ...claims.flatMap((claim, i) => [
      ...(known.has(claim.name) ? [] : [invalidValue(path.index(i).child('name'), claim.name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(claim.resourceClaimName === undefined ? [] : faultsAt(path.index(i).child('name'), claim.resourceClaimName, dnsSubdomain(claim.resourceClaimName))),
    ]),
    ...duplicatesOf(claims, (claim) => claim.name, (claim, i) => duplicate(path.index(i).child('name'), claim.name)),
  ];
}

export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const errors = validateAnnotationUpdate(pod, old);
  for (const [i, { type }] of (pod.status?.conditions ?? []).entries()) {
    if (!SYSTEM_CONDITIONS.has(type)) errors.push(...faultsAt(CONDITIONS.index(i).child('Type'), type, qualifiedName(type)));
  }
  if (pod.spec?.nodeName !== old.spec?.nodeName) errors.push(forbiddenField(STATUS.child('nodeName'), 'may not be changed directly'));
  const nominated = pod.status?.nominatedNodeName;
  if (nominated && nominated !== old.status?.nominatedNodeName) errors.push(...faultsAt(STATUS.child('nominatedNodeName'), nominated, dnsSubdomain(nominated)));
  if (old.status?.qosClass && pod.status?.qosClass !== old.status.qosClass) errors.push(invalidValue(STATUS.child('qosClass'), pod.status?.qosClass ?? '', 'field is immutable'));
  for (const field of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const) errors.push(...validateTransitions(field, pod, old), ...validateUsers(field, pod), ...validateAllocated(field, pod));
  errors.push(...validateClaims(pod), ...validateAddresses('podIPs', pod), ...validateAddresses('hostIPs', pod));
  return errors;
}
