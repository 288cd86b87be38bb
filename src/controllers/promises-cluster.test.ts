/** Controllers keep their promises through random histories: see scenarios-cluster.fixture.ts. */
import { test } from 'vitest';
import { checkHistories } from './history.fixture.ts';
import { clusterScenarios } from './scenarios-cluster.fixture.ts';

test.each(Object.entries(clusterScenarios))('%s', (name, scenario) => checkHistories(name, scenario));
