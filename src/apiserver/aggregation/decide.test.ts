import { describe, expect, test } from 'vitest';
import type { APIService } from '../../api/apiregistration/v1/types.ts';
import { JoinedDocument } from '../endpoints/openapi-parts.ts';
import { identityHeaders } from './identity.ts';
import { decideLocal, managedLabel, type LocalAction, type Wanted } from './local-services.ts';
import { merge, partOf } from './openapi.ts';
import { compareVersions } from './order.ts';

const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 };
const wanted = (management: Wanted['management']): Wanted => ({ management, spec });
const present = (label: string | undefined, more: object = {}): APIService => ({ metadata: { name: 'v1.a.b', ...(label === undefined ? {} : { labels: { [managedLabel]: label } }) }, spec: { ...spec, ...more } });

describe('what becomes of an APIService', () => {
  test.each<[string, Wanted | undefined, APIService | undefined, { atStart: boolean; seen: boolean }, LocalAction]>([
    ['not wanted, not there', undefined, undefined, { atStart: false, seen: false }, 'leave'],
    ['wanted at start, not there', wanted('onstart'), undefined, { atStart: false, seen: false }, 'create'],
    ['wanted at start, deleted since', wanted('onstart'), undefined, { atStart: true, seen: true }, 'leave'],
    ['wanted always, deleted since', wanted('true'), undefined, { atStart: true, seen: true }, 'create'],
    ['somebody else\'s', wanted('true'), present(undefined, { versionPriority: 1 }), { atStart: true, seen: false }, 'leave'],
    ['from an earlier start, not wanted any more', undefined, present('onstart'), { atStart: true, seen: false }, 'delete'],
    ['from an earlier start, not as wanted', wanted('onstart'), present('onstart', { versionPriority: 1 }), { atStart: true, seen: false }, 'update'],
    ['changed by somebody since the start', wanted('onstart'), present('onstart', { versionPriority: 1 }), { atStart: true, seen: true }, 'leave'],
    ['made by somebody since the start', undefined, present('onstart'), { atStart: false, seen: false }, 'leave'],
    ['of a definition that is gone', undefined, present('true'), { atStart: false, seen: true }, 'delete'],
    ['of a definition, changed by somebody', wanted('true'), present('true', { groupPriorityMinimum: 5 }), { atStart: false, seen: true }, 'update'],
    ['of a definition, as wanted', wanted('true'), present('true'), { atStart: false, seen: true }, 'leave'],
    ['of a definition, given to another server', wanted('true'), present('true', { service: { namespace: 'n', name: 's' } }), { atStart: false, seen: true }, 'update'],
  ])('%s', (_, want, current, state, action) => expect(decideLocal(want, current, state)).toBe(action));
});

test('versions in order', () => {
  expect(['v1alpha1', 'foo1', 'v2', 'v10', 'v1beta2', 'v1', 'v11beta1', 'foo10', 'v3beta1'].toSorted(compareVersions)).toEqual(['v10', 'v2', 'v1', 'v11beta1', 'v3beta1', 'v1beta2', 'v1alpha1', 'foo1', 'foo10']);
});

test('keys of extra information that headers cannot hold are escaped', () => {
  expect(identityHeaders({ name: 'a', groups: [], extra: { 'x.y/z %é': ['1'] } })).toEqual({ 'x-remote-user': 'a', 'x-remote-extra-x.y%2Fz%20%25%C3%A9': ['1'] });
});

describe('OpenAPI documents become one', () => {
  const ref = (name: string): object => ({ $ref: `#/definitions/${name}` });
  const theirs = { paths: { '/apis/g/v1/': { x: ref('Used') }, '/apis/other/v1/': {}, '/api/': {} }, definitions: { Used: { p: ref('Shared') }, Shared: { a: 1 }, Unused: {} } };

  test('only the part that is theirs, and what it needs', () => {
    expect(partOf(theirs, 'g', 'v1')).toEqual({ paths: { '/apis/g/v1/': { x: ref('Used') } }, definitions: { Used: { p: ref('Shared') }, Shared: { a: 1 } } });
  });

  test('a name that is taken is changed, with all that points to it', () => {
    const own = JoinedDocument.of({ info: 1, paths: { '/api/': {} }, definitions: { Shared: { a: 2 }, Used: { p: ref('Shared') } } });
    expect(JSON.parse(merge(own, [partOf(theirs, 'g', 'v1')]).bytes().toString())).toEqual({
      info: 1, paths: { '/api/': {}, '/apis/g/v1/': { x: ref('Used_v2') } }, definitions: { Shared: { a: 2 }, Shared_v2: { a: 1 }, Used: { p: ref('Shared') }, Used_v2: { p: ref('Shared_v2') } },
    });
  });
});
