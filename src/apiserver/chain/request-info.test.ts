import { expect, test } from 'vitest';
import { requestInfoOf } from './request-info.ts';

type Facts = readonly [verb: string, namespace: string, resource: string, subresource: string, name: string];

test.each<[string, string, string, Facts]>([
  ['a list', 'GET', '/api/v1/pods', ['list', '', 'pods', '', '']],
  ['a list of one name', 'GET', '/api/v1/pods?fieldSelector=metadata.name=x', ['list', '', 'pods', '', 'x']],
  ['a list of a name with an escaped comma', 'GET', String.raw`/api/v1/pods?fieldSelector=metadata.name%3Dx%5C%2Cy`, ['list', '', 'pods', '', 'x,y']],
  ['a list of a name that cannot stand in a path', 'GET', '/api/v1/pods?fieldSelector=metadata.name=..', ['list', '', 'pods', '', '']],
  ['a watch of one name', 'GET', '/api/v1/pods?watch=1&fieldSelector=metadata.name=x', ['watch', '', 'pods', '', 'x']],
  ['a watch in the old way, whose selector pins no name', 'GET', '/api/v1/watch/pods?fieldSelector=metadata.name=x', ['watch', '', 'pods', '', '']],
  ['a deletion of many', 'DELETE', '/api/v1/pods?fieldSelector=metadata.name=x', ['deletecollection', '', 'pods', '', '']],
  ['a status', 'PATCH', '/apis/apps/v1/namespaces/default/deployments/x/status', ['patch', 'default', 'deployments', 'status', 'x']],
  ['a namespace', 'GET', '/api/v1/namespaces/default', ['get', 'default', 'namespaces', '', 'default']],
  ['slashes at the ends', 'GET', '//api/v1/pods/', ['list', '', 'pods', '', '']],
  ['a slash too many inside', 'GET', '/api/v1//pods', ['get', '', '', '', 'pods']],
  ['an unknown method', 'FOO', '/api/v1/pods', ['', '', 'pods', '', '']],
])('%s', (_name, method, target, facts) => {
  const [path = '', query = ''] = target.split('?');
  const { verb, namespace, resource, subresource, name } = requestInfoOf(method, path, new URLSearchParams(query));
  expect([verb, namespace, resource, subresource, name]).toEqual(facts);
});

test('what is asked for in the old way is not allowed by its selectors', () => {
  const query = new URLSearchParams('fieldSelector=spec.nodeName=n&labelSelector=a');
  expect(requestInfoOf('GET', '/api/v1/pods', query)).toMatchObject({ fieldSelector: 'spec.nodeName=n', labelSelector: 'a' });
  const old = requestInfoOf('GET', '/api/v1/watch/pods', query);
  expect([old.fieldSelector, old.labelSelector]).toEqual([undefined, undefined]);
});
