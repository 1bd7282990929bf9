import { testSteps } from './matrix-tests.ts';

await testSteps('create', { part: 1, of: 3 });
