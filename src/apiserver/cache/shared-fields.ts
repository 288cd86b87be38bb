/** JSON of objects whose sets of owned fields are those of many others. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { textOfShared } from '../patch/index.ts';

/** What stands in a text for a set of fields whose own text is known. */
const MARKED = JSON.stringify({ fieldsV1: '\u0000' }).slice(1, -1);

/** The object's text, in which sets of fields that many objects share are not written anew. The object is changed. */
export function withSharedFields(object: KubeObject, textOf: (object: KubeObject) => string): string {
  const owners = object.metadata.managedFields;
  const known = owners?.length === 1 ? textOfShared(owners[0]!.fieldsV1) : undefined;
  if (known === undefined) return textOf(object);
  object.metadata.managedFields = [{ ...owners![0]!, fieldsV1: '\u0000' as never }];
  const text = textOf(object);
  const at = text.indexOf(MARKED, text.indexOf('"managedFields":['));
  return `${text.slice(0, at)}"fieldsV1":${known}${text.slice(at + MARKED.length)}`;
}
