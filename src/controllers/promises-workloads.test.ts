/** Workload controllers keep their promises through random histories. */
import { test } from 'vitest';
import { checkHistories } from './history.fixture.ts';
import { workloadScenarios } from './scenarios-workloads.fixture.ts';

test.each(Object.entries(workloadScenarios))('%s', (name, scenario) => checkHistories(name, scenario));
