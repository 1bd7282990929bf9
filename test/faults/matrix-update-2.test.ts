import { testSteps } from './matrix-tests.ts';

await testSteps('update', { part: 2, of: 4 });
