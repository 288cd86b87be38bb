/** How apply merges custom resources: the shape that a schema gives an object. */
import { nodeBelow, type Node } from '../../api/apiextensions/schema/index.ts';
import { atomic, deduced, shapeOfType, type JsonObject, type Shape } from '../patch/index.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** What every object says of itself. */
const EMBEDDED: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

const shapes = new WeakMap<Node, Shape>();

function listShape(node: Node): Shape {
  if (node.listType === 'set') return { kind: 'set' };
  if (node.listType !== 'map' || node.items === undefined) return atomic;
  const defaults: JsonObject = {};
  for (const key of node.listKeys) {
    const value = node.items.properties.get(key)?.default;
    if (value !== undefined) defaults[key] = value as JsonObject[string];
  }
  return { kind: 'associative', items: shapeOfNode(node.items), keys: node.listKeys, type: '', defaults };
}

function objectShape(node: Node): Shape {
  if (node.mapType === 'atomic') return atomic;
  if (node.properties.size === 0 && typeof node.additional === 'object') return { kind: 'map', values: shapeOfNode(node.additional) };
  if (node.properties.size === 0 && !node.embedded) return deduced;
  return {
    kind: 'struct', type: '', has: (key) => node.properties.has(key) || (node.embedded && EMBEDDED.has(key)),
    below: (key) => {
      if (node.embedded && key === 'metadata') return shapeOfType(OBJECT_META);
      const below = nodeBelow(node, key);
      return below === undefined ? deduced : shapeOfNode(below);
    },
  };
}

/** The shape of the values of a node. */
export function shapeOfNode(node: Node): Shape {
  let shape = shapes.get(node);
  if (shape === undefined) {
    if (node.type === 'array') shape = listShape(node);
    else if (node.type === 'object') shape = objectShape(node);
    else shape = node.preserve && !node.intOrString ? deduced : atomic;
    shapes.set(node, shape);
  }
  return shape;
}

const roots = new WeakMap<Node, Shape>();

/** The shape of a whole custom resource. */
export function shapeOfRoot(node: Node): Shape {
  let shape = roots.get(node);
  if (shape === undefined) {
    const metadata = shapeOfType(OBJECT_META);
    shape = {
      kind: 'struct', type: '', always: 'metadata', has: (key) => EMBEDDED.has(key) || node.properties.has(key),
      below: (key) => {
        if (key === 'metadata') return metadata;
        const below = nodeBelow(node, key);
        return below === undefined ? deduced : shapeOfNode(below);
      },
    };
    roots.set(node, shape);
  }
  return shape;
}
