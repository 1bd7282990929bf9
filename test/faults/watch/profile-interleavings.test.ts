import * as fc from 'fast-check';
import { it } from 'vitest';
import { playProfileInterleaving, profileInterleavings } from './profile-interleavings.ts';

it('leaves nothing of a profile behind, and ends as declared, whatever is under way', async () => {
  await fc.assert(fc.asyncProperty(profileInterleavings, playProfileInterleaving), {
    numRuns: 2500,
  });
}, 300_000);
