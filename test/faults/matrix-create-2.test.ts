import { testSteps } from './matrix-tests.ts';

await testSteps('create', { part: 2, of: 3 });
