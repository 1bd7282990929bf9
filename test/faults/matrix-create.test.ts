import { testSteps } from './matrix-tests.ts';

await testSteps('create');
