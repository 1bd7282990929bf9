import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arises, injectionPointsOf, play } from './cell.ts';
import { faultKinds } from './faults.ts';
import { NEVER, outcomeIn } from './matrix.ts';
import { type Step, steps } from './steps.ts';

export const committed = readFileSync(new URL('MATRIX.md', import.meta.url), 'utf8');

/**
 * The cells of steps of a kind, each a test: by the rule, and as the committed table has it.
 *
 * @param part of how many, for several files to share a kind and run side by side
 */
export async function testSteps(
  kind: Step['kind'],
  { part = 1, of = 1 }: { part?: number; of?: number } = {},
): Promise<void> {
  const ofKind = steps.filter((step) => step.kind === kind);
  for (const step of ofKind.filter((_, index) => index % of === part - 1)) {
    const points = await injectionPointsOf(step);
    describe(step.name, () => {
      it('meets no fault less than in the table', () => {
        const missed = faultKinds
          .filter((fault) => !arises(step, fault, points))
          .filter((fault) => outcomeIn(committed, step, fault) !== NEVER);
        expect(missed.map(({ point, name }) => `${point}, ${name}`)).toEqual([]);
      });
      for (const fault of faultKinds) {
        if (!arises(step, fault, points)) continue;
        const outcome = outcomeIn(committed, step, fault) ?? 'is not in the table';
        // Each in a simulation of its own, which waits for sockets now and then.
        it.concurrent(`${fault.point}, ${fault.name}: ${outcome}`, async () => {
          const cell = await play(step, fault);
          expect(cell.problems).toEqual([]);
          expect(cell.outcome, 'npm run faults writes the table anew').toBe(outcome);
        });
      }
    });
  }
}
