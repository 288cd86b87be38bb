/** Compiles what selects devices (KEP-4381): the expression must be one over a device, say yes or no, and not cost too much whatever the device is like. */
import { compile, deviceLibraries, formatIssues, formatType, mapOf, objectOf, opaque, types, type CelType, type Environment } from '../../../cel/index.ts';
import type { SelectorFault } from '../../../api/resource/v1/selector-hook.ts';

/** What one expression may cost by estimate; what it may cost when it runs is the same. */
const COST_LIMIT = 1_000_000;
const ENTRIES_MAX = 32;
const DOMAIN_MAX_BYTES = 63;
const NAME_MAX_BYTES = 32;
const VALUE_MAX_BYTES = 64;

const sized = <T extends CelType>(type: T, maxSize: number): T => ({ ...type, maxSize });

function deviceType(): CelType {
  const byName = (value: CelType): CelType => mapOf(sized(types.string, DOMAIN_MAX_BYTES), mapOf(sized(types.string, NAME_MAX_BYTES), value, ENTRIES_MAX), ENTRIES_MAX);
  return objectOf('kubernetes.DRADevice', {
    driver: sized(types.string, DOMAIN_MAX_BYTES),
    attributes: byName(sized(types.dyn, VALUE_MAX_BYTES)),
    capacity: byName(opaque('kubernetes.Quantity')),
    allowMultipleAllocations: types.bool,
  });
}

let environment: Environment | undefined;

/** What is wrong with an expression over a device. */
export function deviceSelectorFault(expression: string): SelectorFault | undefined {
  environment ??= { libraries: deviceLibraries(), variables: { device: deviceType() } };
  const result = compile(expression, environment);
  if (!result.ok) return { kind: 'invalid', text: `compilation failed: ${formatIssues(expression, result.issues)}` };
  const { program } = result;
  if (program.outputType.kind !== 'bool' && program.outputType.kind !== 'dyn') return { kind: 'invalid', text: `must evaluate to bool or the unknown type, not ${formatType(program.outputType)}` };
  const fault = program.fault();
  if (fault !== undefined) return { kind: 'invalid', text: `program instantiation failed: ${fault}` };
  return program.estimateCost().max > COST_LIMIT ? { kind: 'costly' } : undefined;
}
