/** The conformance cases of the CEL specification, all but those that need what Kubernetes does not have. */
import { getConformanceSuite, type IncrementalTest } from '@bufbuild/cel-spec/testdata/tests.js';
import { afterAll, describe, expect, it } from 'vitest';
import { CelError, compile, formatType, types, type CelType, type LibraryName } from './index.ts';
import { casesOf, isSameValue, typeFrom, valueOf } from './spec.fixture.ts';
import type { Value } from './values.ts';

const libraries: readonly LibraryName[] = ['specification', 'strings', 'math', 'sets', 'encoders', 'bindings', 'optional', 'two-variable-comprehensions', 'lists-extension'];

/** Whole files that are left out. */
const SKIPPED_FILES: Readonly<Record<string, string>> = {
  proto2: 'protobuf messages',
  proto3: 'protobuf messages',
  proto2_ext: 'protobuf extensions',
  enums: 'protobuf enumerations',
  dynamic: 'protobuf wrappers, Any and Struct',
  block_ext: 'cel.block is what optimizers write',
};

/** Why a single case is left out; undefined for one that must pass. */
function reasonToSkip({ original }: IncrementalTest): string | undefined {
  if (original.disableCheck) return 'runs without type check, as Kubernetes never does';
  if (/TestAllTypes|google\.protobuf\.(?!Timestamp|Duration)/.test(original.expr)) return 'constructs a protobuf message';
  const isForeign = original.typeEnv.some(({ declKind }) => declKind.case === 'function' || (declKind.case === 'ident' && typeFrom(declKind.value.type) === undefined));
  return isForeign ? 'declares a protobuf type or a function of its own' : undefined;
}

function check({ original }: IncrementalTest): void {
  const variables: Record<string, CelType> = {};
  const activation: Record<string, unknown> = {};
  for (const { name, declKind } of original.typeEnv) if (declKind.case === 'ident') variables[name] = typeFrom(declKind.value.type)!;
  for (const [name, bound] of Object.entries(original.bindings)) {
    if (bound.kind.case !== 'value') throw new Error(`binding of ${String(bound.kind.case)}`);
    activation[name] = valueOf(bound.kind.value);
    variables[name] ??= types.dyn;
  }
  const { resultMatcher: wanted, container } = original;
  const result = compile(original.expr, { variables, libraries, homogeneousLiterals: false, strict: true, container });
  if (wanted.case === 'evalError') {
    if (result.ok) expect(() => result.program.evaluate(activation)).toThrow(CelError);
    return;
  }
  if (!result.ok) throw new Error(result.issues[0]!.message);
  if (wanted.case === 'typedResult') expect(formatType(result.program.outputType)).toBe(formatType(typeFrom(wanted.value.deducedType)!));
  if (original.checkOnly) return;
  const expected = wanted.case === 'value' ? valueOf(wanted.value) : wanted.case === 'typedResult' ? valueOf(wanted.value.result!) : true;
  const { value } = result.program.evaluate(activation);
  expect(isSameValue(value as Value, expected), `${original.expr} gave ${String(value)}`).toBe(true);
}

const counts = { run: 0, skipped: 0, inSkippedFiles: 0 };

describe('CEL specification', () => {
  for (const file of getConformanceSuite().suites) {
    if (Object.hasOwn(SKIPPED_FILES, file.name)) {
      counts.inSkippedFiles += [...casesOf(file)].length;
      it.skip(`${file.name}: ${SKIPPED_FILES[file.name]}`, () => {});
      continue;
    }
    // One test a file of the suite, or 1,600 titles hide everything else.
    it(file.name, () => {
      const failures: string[] = [];
      for (const { path, test } of casesOf(file)) {
        if (reasonToSkip(test) !== undefined) {
          counts.skipped++;
          continue;
        }
        counts.run++;
        try {
          check(test);
        } catch (error) {
          failures.push(`${path}: ${test.original.expr}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      expect(failures).toEqual([]);
    });
  }

  afterAll(() => {
    // Neither a case nor a reason to skip goes missing unseen.
    expect(counts).toEqual({ run: 1516, skipped: 279, inSkippedFiles: 549 });
  });
});
