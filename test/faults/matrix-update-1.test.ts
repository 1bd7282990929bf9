import { testSteps } from './matrix-tests.ts';

await testSteps('update', { part: 1, of: 4 });
