/** Controllers keep their promises through random histories: see scenarios-storage.fixture.ts. */
import { test } from 'vitest';
import { checkHistories } from './history.fixture.ts';
import { storageScenarios } from './scenarios-storage.fixture.ts';

test.each(Object.entries(storageScenarios))('%s', (name, scenario) => checkHistories(name, scenario));
