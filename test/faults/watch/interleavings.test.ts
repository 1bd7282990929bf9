import * as fc from 'fast-check';
import { it } from 'vitest';
import { interleavings, playInterleaving } from './interleavings.ts';

it('takes over no webhook, removes none and leaves none behind, whatever is under way', async () => {
  await fc.assert(fc.asyncProperty(interleavings, playInterleaving), { numRuns: 300 });
}, 300_000);
