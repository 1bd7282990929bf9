import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arises, placesOf, play } from './cell.ts';
import { faultKinds } from './kinds.ts';
import { isInTests, outcomeIn } from './matrix.ts';
import { type Step, steps } from './steps.ts';

export const committed = readFileSync(new URL('MATRIX.md', import.meta.url), 'utf8');

/** The cells of all steps of a kind, each a test: by the rule, and as the committed table has it. */
export async function testSteps(kind: Step['kind']): Promise<void> {
  for (const step of steps.filter((candidate) => candidate.kind === kind)) {
    const places = await placesOf(step);
    describe(step.name, () => {
      for (const fault of faultKinds) {
        if (!arises(step, fault, places) || !isInTests(step, fault)) continue;
        const outcome = outcomeIn(committed, step, fault) ?? 'is not in the table';
        it(`${fault.place}, ${fault.name}: ${outcome}`, async () => {
          const cell = await play(step, fault);
          expect(cell.problems).toEqual([]);
          expect(cell.outcome, 'npm run faults writes the table anew').toBe(outcome);
        });
      }
    });
  }
}
