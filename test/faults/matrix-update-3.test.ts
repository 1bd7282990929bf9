import { testSteps } from './matrix-tests.ts';

await testSteps('update', { part: 3, of: 4 });
