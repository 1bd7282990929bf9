import { testSteps } from './matrix-tests.ts';

await testSteps('create', { part: 3, of: 3 });
