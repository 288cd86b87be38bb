import { expect, test } from 'vitest';
import { Deployments } from '../resources.ts';
import { controllerOf, groupVersionOf, isControlledBy, isOwnedBy, isTerminating, keyOf, ownerReference, splitKey } from './objects.ts';

const owner = { metadata: { name: 'd', namespace: 'n', uid: '1' } };

test('keys have the namespace if there is one', () => {
  expect(keyOf(owner)).toBe('n/d');
  expect(keyOf({ metadata: { name: 'd' } })).toBe('d');
  expect(splitKey('n/d')).toEqual({ namespace: 'n', name: 'd' });
  expect(splitKey('d')).toEqual({ namespace: '', name: 'd' });
});

test('an owner reference makes a controller', () => {
  const reference = ownerReference(owner, Deployments);
  expect(reference).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: '1', controller: true, blockOwnerDeletion: true });
  expect(ownerReference(owner, { apiVersion: 'v1', kind: 'Pod' })).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
  const owned = { metadata: { ownerReferences: [{ ...reference, controller: false, uid: '2' }, reference] } };
  expect(controllerOf(owned)).toBe(reference);
  expect(isControlledBy(owned, owner)).toBe(true);
  expect(isOwnedBy(owned, { metadata: { uid: '2' } })).toBe(true);
  expect(isControlledBy(owned, { metadata: { uid: '2' } })).toBe(false);
  expect(isOwnedBy({ metadata: {} }, owner)).toBe(false);
});

test('terminating objects have a deletion time', () => {
  expect(isTerminating({ metadata: {} })).toBe(false);
  expect(isTerminating({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })).toBe(true);
});

test('an apiVersion has a group and a version', () => {
  expect(groupVersionOf('apps/v1')).toEqual({ group: 'apps', version: 'v1' });
  expect(groupVersionOf('v1')).toEqual({ group: '', version: 'v1' });
});
