/** The paths of a group version: every operation on its resources and their subresources, as OpenAPI describes it. */
import type { Resource, Subresource } from '../meta/resource.ts';
import { resourceForKind } from '../resources.ts';
import type { FieldSchema } from '../schema.ts';
import { findSchema, schemaOf } from '../schema.ts';
import { fieldDoc } from './docs.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CORE = 'io.k8s.api.core.v1';

/** A parameter in the path or the query. */
export interface Parameter {
  name: string;
  in: 'path' | 'query';
  description: string;
  type: 'string' | 'boolean' | 'integer';
  required: boolean;
}

/** One operation, in no version's form yet. */
export interface Operation {
  id: string;
  method: string;
  /** What `x-kubernetes-action` says; '' for discovery. */
  action: string;
  kind: { group: string; version: string; kind: string } | undefined;
  parameters: readonly Parameter[];
  /** Name of the type in the body. */
  body: { schema: string; required: boolean; patch: boolean } | undefined;
  /** Status → type of the answer; `string` for raw bytes. */
  answers: Readonly<Record<string, string>>;
  produces: 'object' | 'list' | 'raw' | 'log' | 'discovery' | 'json' | 'jwks';
  tag: string;
  description: string;
  /** Of a custom resource. */
  custom?: true;
}

export type Paths = Map<string, Operation[]>;

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `apps`, `rbacAuthorization`, `core`: how a group stands in tags and operation names. */
export function groupWord(group: string): string {
  if (group === '') return 'core';
  const [first = '', ...rest] = group.replace(/\.k8s\.io$/, '').split('.');
  return first + rest.map(title).join('');
}

/** `/api/v1` or `/apis/apps/v1`. */
export function rootOf(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function queryParameter(owner: string, field: FieldSchema): Parameter {
  const type = field.type === 'boolean' ? 'boolean' : field.type === 'int32' || field.type === 'int64' ? 'integer' : 'string';
  return { name: field.name, in: 'query', description: fieldDoc(owner, field.name), type, required: false };
}

/** The fields of an options kind, as parameters of the query. */
export function optionsOf(owner: string, leaveOut: readonly string[] = []): Parameter[] {
  return schemaOf(owner).fields.filter((field) => field.typeMeta !== true && field.type !== 'object' && field.type !== 'time' && !leaveOut.includes(field.name)).map((field) => queryParameter(owner, field));
}

const inPath = (name: string, description: string): Parameter => ({ name, in: 'path', description, type: 'string', required: true });
const PRETTY: Parameter = { name: 'pretty', in: 'query', description: 'Whether to indent the answer, for people to read.', type: 'string', required: false };
const NAMESPACE = inPath('namespace', 'Namespace of the object.');

/** What the operations of one resource have in common. */
interface About {
  resource: Resource;
  /** `AppsV1`. */
  prefix: string;
  /** `Namespaced` or ''. */
  scope: string;
  /** Path of the collection. */
  collection: string;
  /** Parameters of that path. */
  within: readonly Parameter[];
  tag: string;
}

function aboutOf(resource: Resource): About {
  const { group, version, namespaced, plural } = resource;
  const root = rootOf(group, version);
  return {
    resource,
    prefix: title(groupWord(group)) + title(version),
    scope: namespaced ? 'Namespaced' : '',
    collection: namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`,
    within: namespaced ? [NAMESPACE, PRETTY] : [PRETTY],
    tag: `${groupWord(group)}_${version}`,
  };
}

const nameParameter = (kind: string): Parameter => inPath('name', `Name of the ${kind}.`);

/** Kinds whose DELETE answers with the object; the others answer with a Status. */
const ANSWERS_DELETED: ReadonlySet<string> = new Set([
  'pods', 'podtemplates', 'services', 'serviceaccounts', 'persistentvolumes', 'persistentvolumeclaims', 'resourcequotas', 'storageclasses',
  'volumeattachments', 'csidrivers', 'csinodes', 'volumeattributesclasses', 'deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices', 'devicetaintrules', 'resourcepoolstatusrequests',
]);

function operation(about: About, partial: Partial<Operation> & Pick<Operation, 'id' | 'method' | 'action'>): Operation {
  const { group, version, kind } = about.resource;
  return { kind: { group, version, kind }, parameters: about.within, body: undefined, answers: {}, produces: 'object', tag: about.tag, description: '', ...partial };
}

function collectionOperations(about: About): Operation[] {
  const { resource, prefix, scope, within } = about;
  const { kind, schema, verbs } = resource;
  const result: Operation[] = [];
  const list = optionsOf(`${META}.ListOptions`);
  if (verbs.includes('list')) {
    result.push(operation(about, { id: `list${prefix}${scope}${kind}`, method: 'get', action: 'list', parameters: [...within, ...list], answers: { 200: `${schema}List` }, produces: 'list', description: `List or watch objects of kind ${kind}.` }));
  }
  if (verbs.includes('create')) {
    result.push(operation(about, {
      id: `create${prefix}${scope}${kind}`, method: 'post', action: 'post', parameters: [...within, ...optionsOf(`${META}.CreateOptions`)],
      body: { schema, required: true, patch: false }, answers: { 200: schema, 201: schema, 202: schema }, description: `Create a ${kind}.`,
    }));
  }
  if (verbs.includes('deletecollection')) {
    const shared = optionsOf(`${META}.DeleteOptions`);
    result.push(operation(about, {
      id: `delete${prefix}Collection${scope}${kind}`, method: 'delete', action: 'deletecollection',
      parameters: [...within, ...list.filter((p) => p.name !== 'watch' && p.name !== 'allowWatchBookmarks'), ...shared],
      body: { schema: `${META}.DeleteOptions`, required: false, patch: false }, answers: { 200: `${META}.Status` }, description: `Delete all objects of kind ${kind} that match.`,
    }));
  }
  return result;
}

function itemOperations(about: About): Operation[] {
  const { resource, prefix, scope } = about;
  const { kind, schema, verbs, plural } = resource;
  const within = [...about.within, nameParameter(kind)];
  const result: Operation[] = [];
  if (verbs.includes('get')) result.push(operation(about, { id: `read${prefix}${scope}${kind}`, method: 'get', action: 'get', parameters: within, answers: { 200: schema }, description: `Read a ${kind}.` }));
  if (verbs.includes('update')) result.push(replacing(about, `replace${prefix}${scope}${kind}`, schema, within, `Replace a ${kind}.`));
  if (verbs.includes('patch')) result.push(patching(about, `patch${prefix}${scope}${kind}`, schema, within, `Change parts of a ${kind}.`));
  if (verbs.includes('delete')) {
    const answer = ANSWERS_DELETED.has(plural) ? schema : `${META}.Status`;
    result.push(operation(about, {
      id: `delete${prefix}${scope}${kind}`, method: 'delete', action: 'delete', parameters: [...within, ...optionsOf(`${META}.DeleteOptions`)],
      body: { schema: `${META}.DeleteOptions`, required: false, patch: false }, answers: { 200: answer, 202: answer }, description: `Delete a ${kind}.`,
    }));
  }
  return result;
}

function replacing(about: About, id: string, schema: string, within: readonly Parameter[], description: string): Operation {
  return operation(about, {
    id, method: 'put', action: 'put', parameters: [...within, ...optionsOf(`${META}.UpdateOptions`)],
    body: { schema, required: true, patch: false }, answers: { 200: schema, 201: schema }, description,
  });
}

function patching(about: About, id: string, schema: string, within: readonly Parameter[], description: string): Operation {
  return operation(about, {
    id, method: 'patch', action: 'patch', parameters: [...within, ...optionsOf(`${META}.PatchOptions`)],
    body: { schema: `${META}.Patch`, required: true, patch: true }, answers: { 200: schema, 201: schema }, description,
  });
}

/** Watching by path, which upstream keeps for old clients beside `?watch=true`. */
function addWatches(paths: Paths, about: About): void {
  const { resource, prefix, scope, within } = about;
  if (!resource.verbs.includes('watch')) return;
  const { kind, group, version, plural } = resource;
  const root = rootOf(group, version);
  const list = optionsOf(`${META}.ListOptions`);
  const watch = (id: string, action: string, parameters: readonly Parameter[]): Operation[] => [
    operation(about, { id, method: 'get', action, parameters: [...parameters, ...list], answers: { 200: `${META}.WatchEvent` }, produces: 'list', description: `Watch ${action === 'watch' ? `a ${kind}` : `objects of kind ${kind}`}. Deprecated: use the parameter watch of a list instead.` }),
  ];
  const collection = `${root}/watch${about.collection.slice(root.length)}`;
  paths.set(collection, watch(`watch${prefix}${scope}${kind}List`, 'watchlist', within));
  paths.set(`${collection}/{name}`, watch(`watch${prefix}${scope}${kind}`, 'watch', [...within, nameParameter(kind)]));
  if (resource.namespaced) paths.set(`${root}/watch/${plural}`, watch(`watch${prefix}${kind}ListForAllNamespaces`, 'watchlist', [PRETTY]));
}

/** Name of the schema of a subresource's kind. */
function subresourceSchema(resource: Resource, sub: Subresource): string {
  const own = resource.schema.slice(0, resource.schema.lastIndexOf('.'));
  if (sub.group === undefined) return `${own}.${sub.kind}`;
  const sibling = resourceForKind(sub.group, sub.version!, sub.kind)?.schema;
  if (sibling !== undefined) return sibling;
  const folder = sub.group.split('.')[0];
  return `io.k8s.api.${folder}.${sub.version}.${sub.kind}`;
}

const CONNECT_METHODS: Readonly<Record<string, readonly string[]>> = {
  proxy: ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'],
  exec: ['get', 'post'],
  attach: ['get', 'post'],
  portforward: ['get', 'post'],
};

function connecting(about: About, sub: Subresource, within: readonly Parameter[], suffix: string): Operation[] {
  const { group, version } = about.resource;
  return CONNECT_METHODS[sub.name]!.map((method) => operation(about, {
    id: `connect${about.prefix}${title(method)}${about.scope}${about.resource.kind}${title(sub.name)}${suffix}`, method, action: 'connect',
    kind: { group, version, kind: sub.kind }, parameters: within, answers: { 200: 'string' }, produces: 'raw', description: `Connect to ${sub.name} of a ${about.resource.kind}.`,
  }));
}

function addSubresource(paths: Paths, about: About, sub: Subresource): void {
  const { resource, prefix, scope } = about;
  const path = `${about.collection}/{name}/${sub.name}`;
  const name = inPath('name', `Name of the ${sub.kind}.`);
  const within = [...about.within, name];
  if (CONNECT_METHODS[sub.name] !== undefined) {
    const options = optionsOf(`${CORE}.${sub.kind}`);
    const plain = [...within.filter((p) => p !== PRETTY), ...options];
    paths.set(path, connecting(about, sub, plain, ''));
    if (sub.name === 'proxy') paths.set(`${path}/{path}`, connecting(about, sub, [...plain, inPath('path', 'Rest of the path, which is passed on.')], 'WithPath'));
    return;
  }
  const schema = subresourceSchema(resource, sub);
  const kind = { group: sub.group ?? resource.group, version: sub.version ?? resource.version, kind: sub.kind };
  const id = (verb: string): string => `${verb}${prefix}${scope}${resource.kind}${title(sub.name)}`;
  const operations: Operation[] = [];
  if (sub.name === 'log') {
    const parameters = [...within, ...optionsOf(`${CORE}.PodLogOptions`)];
    operations.push(operation(about, { id: id('read'), method: 'get', action: 'get', parameters, answers: { 200: 'string' }, produces: 'log', description: `Read the ${sub.name} of a ${resource.kind}.` }));
  } else if (sub.verbs.includes('get')) {
    operations.push(operation(about, { id: id('read'), method: 'get', action: 'get', parameters: within, answers: { 200: schema }, description: `Read the ${sub.name} of a ${resource.kind}.` }));
  }
  if (sub.verbs.includes('update')) operations.push(replacing(about, id('replace'), schema, within, `Replace the ${sub.name} of a ${resource.kind}.`));
  if (sub.verbs.includes('patch')) operations.push(patching(about, id('patch'), schema, within, `Change parts of the ${sub.name} of a ${resource.kind}.`));
  if (sub.verbs.includes('create')) {
    operations.push(operation(about, {
      id: id('create'), method: 'post', action: 'post', parameters: [...within, ...optionsOf(`${META}.CreateOptions`)],
      body: { schema, required: true, patch: false }, answers: { 200: schema, 201: schema, 202: schema }, description: `Create a ${sub.name} of a ${resource.kind}.`,
    }));
  }
  for (const one of operations) one.kind = kind;
  paths.set(path, operations);
}

function addResource(paths: Paths, resource: Resource): void {
  const about = aboutOf(resource);
  const collection = collectionOperations(about);
  if (collection.length > 0) paths.set(about.collection, collection);
  const item = itemOperations(about);
  if (item.length > 0) paths.set(`${about.collection}/{name}`, item);
  if (resource.namespaced && resource.verbs.includes('list')) {
    const all = operation(about, {
      id: `list${about.prefix}${resource.kind}ForAllNamespaces`, method: 'get', action: 'list', parameters: [PRETTY, ...optionsOf(`${META}.ListOptions`)],
      answers: { 200: `${resource.schema}List` }, produces: 'list', description: `List or watch objects of kind ${resource.kind} in all namespaces.`,
    });
    paths.set(`${rootOf(resource.group, resource.version)}/${resource.plural}`, [all]);
  }
  for (const sub of resource.subresources) addSubresource(paths, about, sub);
  addWatches(paths, about);
}

/** All paths of a group version, discovery included. `resources` are those of that group version. */
export function pathsOf(group: string, version: string, resources: readonly Resource[]): Paths {
  const word = groupWord(group);
  const paths: Paths = new Map();
  paths.set(`${rootOf(group, version)}/`, [discovery(`get${title(word)}${title(version)}APIResources`, `${META}.APIResourceList`, `${word}_${version}`, 'Which resources there are.', 'object')]);
  for (const resource of resources) addResource(paths, resource);
  return new Map([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A GET that answers what the server has. */
export function discovery(id: string, schema: string, tag: string, description: string, produces: Operation['produces'] = 'discovery'): Operation {
  return { id, method: 'get', action: '', kind: undefined, parameters: [], body: undefined, answers: { 200: schema }, produces, tag, description };
}

/** Names of the types that operations speak of. */
export function typesOf(paths: Paths): Set<string> {
  const names = new Set<string>();
  for (const operations of paths.values()) {
    for (const { body, answers } of operations) {
      if (body !== undefined) names.add(body.schema);
      for (const answer of Object.values(answers)) if (findSchema(answer) !== undefined) names.add(answer);
    }
  }
  return names;
}
