/**
 * CEL expressions over devices: `device.driver`, `device.attributes["domain"].name`, `device.capacity["domain"].name`,
 * `device.allowMultipleAllocations`. The language is loaded when the first pod asks for devices.
 */
import type { Device, DeviceAttribute } from '../../api/resource/v1/types.ts';
import type * as Cel from '../../cel/index.ts';

type Language = typeof Cel;

let language: Language | undefined;

export const selectorsReady = (): boolean => language !== undefined;

export async function loadSelectors(): Promise<void> {
  language ??= await import('../../cel/index.ts');
}

/** An expression that is broken, or whose evaluation is: the claim cannot be met until somebody corrects it. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/** What one evaluation may cost, as upstream's limit. */
const COST_LIMIT = 1_000_000;
/** Expressions remembered at most. */
const REMEMBERED_LIMIT = 512;

interface Selector {
  program: Cel.Program;
  /** Domains that the expression names: a device that has nothing in one of them has an empty map there, not an error. */
  domains: readonly string[];
  verdicts: WeakMap<Device, boolean>;
}

const selectors = new Map<string, Selector>();

function compileSelector({ compile, deviceLibraries, mapOf, objectOf, opaque, types }: Language, expression: string): Selector {
  const device = objectOf('kubernetes.DRADevice', {
    driver: types.string,
    attributes: mapOf(types.string, mapOf(types.string, types.dyn)),
    capacity: mapOf(types.string, mapOf(types.string, opaque('kubernetes.Quantity'))),
    allowMultipleAllocations: types.bool,
  });
  const result = compile(expression, { libraries: deviceLibraries(), variables: { device } });
  if (!result.ok) throw new SelectorError(result.issues.map((issue) => issue.message).join('; '));
  const domains = [...expression.matchAll(/["']([a-z0-9][-a-z0-9.]{0,62})["']/g)].map((match) => match[1]!);
  return { program: result.program, domains, verdicts: new WeakMap() };
}

function selectorOf(cel: Language, expression: string): Selector {
  const known = selectors.get(expression);
  if (known) return known;
  const made = compileSelector(cel, expression);
  if (selectors.size >= REMEMBERED_LIMIT) selectors.clear();
  selectors.set(expression, made);
  return made;
}

function attributeValue({ semverValue }: Language, attribute: DeviceAttribute): unknown {
  if (attribute.int !== undefined) return Number(attribute.int);
  if (attribute.bool !== undefined) return attribute.bool;
  if (attribute.string !== undefined) return attribute.string;
  if (attribute.version !== undefined) return semverValue(attribute.version);
  return attribute.ints?.map(Number) ?? attribute.bools ?? attribute.strings ?? (attribute.versions ?? []).map(semverValue);
}

/** By domain; a name without one belongs to the driver's. */
function byDomain<T>(entries: Readonly<Record<string, T>> | undefined, driver: string, domains: readonly string[], valueOf: (entry: T) => unknown): Record<string, Record<string, unknown>> {
  const result: Record<string, Record<string, unknown>> = { [driver]: {} };
  for (const domain of domains) result[domain] ??= {};
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const at = name.indexOf('/');
    const [domain, id] = at < 0 ? [driver, name] : [name.slice(0, at), name.slice(at + 1)];
    (result[domain] ??= {})[id] = valueOf(entry);
  }
  return result;
}

/** Whether the device meets the expression. Remembered for as long as the driver publishes the same device. Throws SelectorError. */
export function selects(expression: string, driver: string, device: Device): boolean {
  if (!language) throw new SelectorError('CEL is not loaded');
  const cel = language;
  const selector = selectorOf(cel, expression);
  const known = selector.verdicts.get(device);
  if (known !== undefined) return known;
  const value = {
    driver,
    attributes: byDomain(device.attributes, driver, selector.domains, (each) => attributeValue(cel, each)),
    capacity: byDomain(device.capacity, driver, selector.domains, (each) => cel.quantityValue(String(each.value))),
    allowMultipleAllocations: device.allowMultipleAllocations ?? false,
  };
  try {
    const verdict = selector.program.evaluate({ device: value }, { costLimit: COST_LIMIT }).value === true;
    selector.verdicts.set(device, verdict);
    return verdict;
  } catch (error) {
    throw new SelectorError((error as Error).message);
  }
}
