/** Reads the CEL specification's own cases: values and types of protobuf as ours. */
import type { Type } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value as SpecValue } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import type { IncrementalTest, IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { equals } from './compare.ts';
import { typeOf } from './library/conversions.ts';
import { canonical } from './numbers.ts';
import { types, type CelType } from './types.ts';
import { ArrayList, Double, nativeMap, TypeValue, Uint, type Value } from './values.ts';

const PRIMITIVES = [undefined, types.bool, types.int, types.uint, types.double, types.string, types.bytes] as const;

/** Throws for messages, which have no form here. */
export function valueOf(value: SpecValue): Value {
  const { kind } = value;
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
    case 'bytesValue':
      return kind.value;
    case 'int64Value':
      return canonical(kind.value);
    case 'uint64Value':
      return new Uint(canonical(kind.value));
    case 'doubleValue':
      return new Double(kind.value);
    case 'typeValue':
      return new TypeValue(kind.value);
    case 'listValue':
      return new ArrayList(kind.value.values.map(valueOf));
    case 'mapValue':
      return nativeMap(kind.value.entries.map(({ key, value: item }) => [valueOf(key!), valueOf(item!)] as const));
    default:
      throw new Error(`no value of ours: ${String(kind.case)}`);
  }
}

/** Undefined for messages. */
export function typeFrom(type: Type | undefined): CelType | undefined {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'dyn':
      return types.dyn;
    case 'null':
      return types.null;
    case 'primitive':
      return PRIMITIVES[kind.value];
    case 'wellKnown':
      return [undefined, undefined, types.timestamp, types.duration][kind.value];
    case 'wrapper': {
      const of = PRIMITIVES[kind.value];
      return of && { kind: 'wrapper', of };
    }
    case 'listType': {
      const element = typeFrom(kind.value.elemType);
      return element && { kind: 'list', element };
    }
    case 'mapType': {
      const key = typeFrom(kind.value.keyType);
      const value = typeFrom(kind.value.valueType);
      return key && value && { kind: 'map', key, value };
    }
    case 'type': {
      const of = typeFrom(kind.value);
      return of ? { kind: 'type', of } : { kind: 'type' };
    }
    case 'abstractType':
      return { kind: 'opaque', name: kind.value.name, parameters: kind.value.parameterTypes.map((each) => typeFrom(each) ?? types.dyn) };
    default:
      return undefined;
  }
}

/** Equal and of one type; two that are no number are the same. */
export function isSameValue(a: Value, b: Value): boolean {
  if (a instanceof Double && b instanceof Double && Number.isNaN(a.value)) return Number.isNaN(b.value);
  return equals(a, b) && (typeOf(a) as TypeValue).name === (typeOf(b) as TypeValue).name;
}

export function* casesOf(suite: IncrementalTestSuite, path = ''): Generator<{ path: string; test: IncrementalTest }> {
  for (const test of suite.tests) yield { path: `${path}/${test.name}`, test };
  for (const inner of suite.suites) yield* casesOf(inner, `${path}/${inner.name}`);
}
