/** Objects with nothing in them, as Go writes them: `null` stands for lists, maps, pointers and times that are not left out. */
import { zeroOf } from './decode.ts';
import { schemaOf, type FieldSchema } from './schema.ts';

/** Undefined: the field is left out. */
function zeroField(field: FieldSchema): unknown {
  if (field.typeMeta === true || field.omitZero === true) return undefined;
  if (field.shape !== 'one' || field.pointer) return field.omitEmpty ? undefined : null;
  switch (field.type) {
    case 'object':
      return zeroMembers(field.ref!);
    case 'quantity':
    case 'intOrString':
    case 'duration':
      return zeroOf(field);
    case 'bytes':
      return field.omitEmpty ? undefined : null;
    case 'time':
    case 'microTime':
    case 'raw':
    case 'json':
    case 'fieldsV1':
      return null;
    default:
      return field.omitEmpty ? undefined : zeroOf(field);
  }
}

/** The members that a type's zero value has in JSON. */
export function zeroMembers(schema: string): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const field of schemaOf(schema).fields) {
    const value = zeroField(field);
    if (value !== undefined) members[field.name] = value;
  }
  return members;
}
