/** Types as text: for messages, and as values of `type(…)`. */
import type { CelType } from './types.ts';

/** As messages show it: `list(int)`, `map(string, dyn)`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'error':
      return '!error!';
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'wrapper':
      return `wrapper(${formatType(type.of)})`;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'object':
      return type.name;
    case 'parameter':
      return type.name;
    case 'type':
      return type.of === undefined ? 'type' : `type(${formatType(type.of)})`;
    default:
      return type.kind;
  }
}

/** As a type's value is named: `google.protobuf.Timestamp`, `null_type`. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'opaque':
    case 'object':
      return type.name;
    case 'wrapper':
      return typeName(type.of);
    case 'parameter':
      return 'dyn';
    default:
      return type.kind;
  }
}
