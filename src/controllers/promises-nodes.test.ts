/** Controllers keep their promises through random histories: see scenarios-nodes.fixture.ts. */
import { test } from 'vitest';
import { checkHistories } from './history.fixture.ts';
import { nodeScenarios } from './scenarios-nodes.fixture.ts';

test.each(Object.entries(nodeScenarios))('%s', (name, scenario) => checkHistories(name, scenario));
