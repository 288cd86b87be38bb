import { expect, test } from 'vitest';
import { DOCS_OFF } from '../generated/docs-off.ts';
import { loadVersionsOffByDefault } from '../off-by-default.ts';
import { schemaNames, schemaOf } from '../schema.ts';
import { addDocs, fieldDoc, typeDoc } from './docs.ts';

await loadVersionsOffByDefault();
addDocs(DOCS_OFF);

const LITTLE: ReadonlySet<string> = new Set(['the', 'a', 'an', 'of', 'its', 'in', 'to', 'is', 'are', 'this', 'that', 'for', 'and', 'or', 'it', 'be']);

/** The words of a name or sentence, without the little ones and without plurals. */
function words(text: string): string[] {
  const parted = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  return parted.toLowerCase().split(/[^a-z0-9]+/).map((word) => word.replace(/ies$/, 'y').replace(/s$/, '')).filter((word) => word !== '' && !LITTLE.has(word));
}

/** Whether a sentence says nothing beyond the name. */
function repeats(name: string, sentence: string): boolean {
  const known = new Set(words(name));
  return words(sentence).every((word) => known.has(word));
}

// `kind`, `metadata` and the like are what they are called; nothing more can be said of a field `name` than whose it is.
const types = schemaNames();
const fields = types.flatMap((type) => schemaOf(type).fields.map((field) => ({ type, name: field.name })));

test('every type and field has a sentence, ending as sentences do', () => {
  expect(types.filter((type) => !/[.!?)]$/.test(typeDoc(type)))).toEqual([]);
  expect(fields.filter(({ type, name }) => !/[.!?)]$/.test(fieldDoc(type, name)))).toEqual([]);
});

test('no sentence about a type is only its name in other letters', () => {
  expect(types.filter((type) => !type.endsWith('List') && repeats(type.slice(type.lastIndexOf('.') + 1), typeDoc(type)))).toEqual([]);
});

test('no sentence about a field is only its name again', () => {
  expect(fields.filter(({ type, name }) => name !== 'name' && repeats(name, fieldDoc(type, name))).map(({ type, name }) => `${type}.${name}: ${fieldDoc(type, name)}`)).toEqual([]);
});

test('a sentence that lists values lists none that the field does not have', () => {
  const lists = types.flatMap((type) => schemaOf(type).fields.flatMap(({ name, enum: values }) => {
    const list = /^[A-Z]\w*(, [A-Z]\w*)* or [A-Z]\w*(?=[.:;])/.exec(fieldDoc(type, name))?.[0];
    return values === undefined || list === undefined ? [] : [{ field: `${type}.${name}`, unknown: list.split(/, | or /).filter((value) => !values.includes(value)) }];
  }));
  expect(lists.filter(({ unknown }) => unknown.length > 0)).toEqual([]);
  expect(lists.length).toBeGreaterThan(50);
});
