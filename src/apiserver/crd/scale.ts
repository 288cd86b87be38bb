/** Where a custom resource keeps what its scale shows: reading these places, and what is wrong with what stands there. */
import { setOwn } from '../../base/own.ts';
import type { CustomResourceSubresourceScale } from '../../api/apiextensions/v1/types.ts';
import { FieldPath, invalidValue, type FieldError } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { goText, goTypeOf } from '../patch/go-text.ts';

const MOST = 2_147_483_647;

/** What stands at a path. `fault` says, in the words of the API, why it cannot be read. */
interface Found<T> {
  value: T | undefined;
  fault?: string;
}

type Loose = Record<string, unknown>;

/** The steps of a path of a scale: brackets mean nothing in it. */
export const scaleSteps = (path: string): string[] => (path.startsWith('.') ? path.slice(1) : path).split('.');

const misread = (steps: readonly string[], value: unknown, wanted: string): string => `.${steps.join('.')} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`;

function valueAtEnd(object: KubeObject, steps: readonly string[]): Found<unknown> {
  let value: unknown = object;
  for (const [i, step] of steps.entries()) {
    if (value === null) return { value: undefined };
    if (typeof value !== 'object' || Array.isArray(value)) return { value: undefined, fault: misread(steps.slice(0, i + 1), value, 'map[string]interface{}') };
    if (!Object.hasOwn(value, step)) return { value: undefined };
    value = (value as Loose)[step];
  }
  return { value };
}

/** A whole number of 64 bits; nothing where there is none. */
export function wholeNumberAt(object: KubeObject, path: string): Found<number | bigint> {
  const steps = scaleSteps(path);
  const { value, fault } = valueAtEnd(object, steps);
  if (fault !== undefined || value === undefined) return { value: undefined, ...(fault === undefined ? {} : { fault }) };
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return { value };
  return { value: undefined, fault: misread(steps, value, 'int64') };
}

/** A text; nothing where there is none. */
export function textAt(object: KubeObject, path: string): Found<string> {
  const steps = scaleSteps(path);
  const { value, fault } = valueAtEnd(object, steps);
  if (fault !== undefined || value === undefined) return { value: undefined, ...(fault === undefined ? {} : { fault }) };
  return typeof value === 'string' ? { value } : { value: undefined, fault: misread(steps, value, 'string') };
}

function replicasFaults(object: KubeObject, path: string): FieldError[] {
  const { value = 0, fault } = wholeNumberAt(object, path);
  const at = new FieldPath(path);
  if (fault !== undefined) return [invalidValue(at, 0, fault)];
  if (value < 0) return [invalidValue(at, value, 'should be a non-negative integer')];
  return value > MOST ? [invalidValue(at, value, `should be less than or equal to ${MOST}`)] : [];
}

/** What is wrong with the numbers and the selector of an object's scale. A write of its status leaves what is wanted unread. */
export function scaleFaults(object: KubeObject, scale: CustomResourceSubresourceScale | undefined, statusAlone: boolean): FieldError[] {
  if (scale === undefined) return [];
  const errors = statusAlone ? [] : replicasFaults(object, scale.specReplicasPath);
  errors.push(...replicasFaults(object, scale.statusReplicasPath));
  const fault = scale.labelSelectorPath === undefined ? undefined : textAt(object, scale.labelSelectorPath).fault;
  if (fault !== undefined) errors.push(invalidValue(new FieldPath(scale.labelSelectorPath!), '', fault));
  return errors;
}

/** Sets the number wanted, in place, and makes what is missing on the way. Answers with what stands in the way. */
export function setReplicasAt(object: KubeObject, path: string, replicas: number): string | undefined {
  const steps = scaleSteps(path);
  let at = object as unknown as Loose;
  for (const [i, step] of steps.slice(0, -1).entries()) {
    if (!Object.hasOwn(at, step)) setOwn<unknown>(at, step, {});
    const next = at[step];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return `value cannot be set because .${steps.slice(0, i + 1).join('.')} is not a map[string]interface{}`;
    at = next as Loose;
  }
  setOwn<unknown>(at, steps.at(-1)!, replicas);
  return undefined;
}
