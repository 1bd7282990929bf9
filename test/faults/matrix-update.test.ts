import { testSteps } from './matrix-tests.ts';

await testSteps('update');
