/** The facts of v1.36 about validation and about what may not change, each with samples that break it (`facts.fixture.ts`, `immutable.fixture.ts`). */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Breach } from './facts.fixture.ts';
import { RULES } from './facts.fixture.ts';
import { FIXED } from './immutable.fixture.ts';
import { loadOffKinds, refusals, updateRefusals } from './strategies.fixture.ts';

const FACTS = new URL('../../../shared/k8s-api/defaults.json', import.meta.url);
const facts = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { validation: Record<string, [string, string][]>; immutable: [string, string][] }) : undefined;
if (facts === undefined) console.warn('SKIPPED: rules are not compared with the facts, which are not here');
beforeAll(loadOffKinds);

/** Rules that are kept where requests are answered, not by the kinds themselves; their tests are named. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'core/v1 Binding': 'src/apiserver/registry/subresources.test.ts',
  'policy/v1 Eviction': 'src/apiserver/registry/subresources.test.ts',
  'rbac.authorization.k8s.io/v1 escalation': 'src/apiserver/authorization',
  'authentication.k8s.io/v1 TokenRequest': 'src/apiserver/registry/subresources.test.ts',
};

const nothing = (): undefined => undefined;

function errorsOf([key, change, , options]: Breach): string[] {
  if (options?.subresource !== undefined || options?.stored !== undefined) return updateRefusals(key, change, options);
  return options?.late ? refusals(key, nothing, change) : refusals(key, change);
}

describe('rules', () => {
  test.skipIf(facts === undefined)('all of them are here', () => {
    const named = Object.entries(facts!.validation).flatMap(([group, rules]) => rules.map(([field]) => `${group} ${field}`));
    expect(Object.keys(RULES).toSorted()).toEqual(named.toSorted());
    const empty = Object.entries(RULES).filter(([, breaches]) => breaches.length === 0).map(([name]) => name);
    expect(empty.toSorted()).toEqual(Object.keys(ELSEWHERE).toSorted());
    for (const place of Object.values(ELSEWHERE)) expect([place, existsSync(new URL(`../../${place}`, import.meta.url))]).toEqual([place, true]);
  });
  test.each(Object.entries(RULES))('%s', (_name, breaches) => {
    for (const breach of breaches) {
      const errors = errorsOf(breach);
      const place = breach[2];
      if (!errors.some((text) => text.startsWith(`${place}: `))) expect([breach[0], breach[1].toString(), place]).toEqual(errors);
    }
  });
});

describe('what may not change', () => {
  test.skipIf(facts === undefined)('all of it is here', () => {
    expect(Object.keys(FIXED).toSorted()).toEqual(facts!.immutable.map(([what]) => what).toSorted());
  });
  test.each(Object.entries(FIXED))('%s', (_name, { refused, allowed = [] }) => {
    for (const breach of refused) {
      const errors = updateRefusals(breach[0], breach[1], breach[3]);
      if (!errors.some((text) => text.startsWith(`${breach[2]}: `))) expect([breach[0], breach[1].toString(), breach[2]]).toEqual(errors);
    }
    for (const [key, change, , options] of allowed) expect([change.toString(), updateRefusals(key, change, options)]).toEqual([change.toString(), []]);
  });
});
