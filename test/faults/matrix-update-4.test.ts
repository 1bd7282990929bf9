import { testSteps } from './matrix-tests.ts';

await testSteps('update', { part: 4, of: 4 });
