import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canInject, injectionPointsOf, play } from './cell.ts';
import { faults } from './faults.ts';
import { NEVER, outcomeIn } from './matrix.ts';
import { type Step, steps } from './steps.ts';

export const committed = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/**
 * Defines a test for each cell of the steps of a kind: the oracle finds no problem, and the outcome is the
 * one in the committed matrix.
 *
 * @param part which of `of` parts to test, so that several files can share a kind and run in parallel
 */
export async function testSteps(
  kind: Step['kind'],
  { part = 1, of = 1 }: { part?: number; of?: number } = {},
): Promise<void> {
  const ofKind = steps.filter((step) => step.kind === kind);
  for (const step of ofKind.filter((_, index) => index % of === part - 1)) {
    const points = await injectionPointsOf(step);
    describe(step.name, () => {
      it('is hit by every fault that the matrix lists', () => {
        const missed = faults
          .filter((fault) => !canInject(step, fault, points))
          .filter((fault) => outcomeIn(committed, step, fault) !== NEVER);
        expect(missed.map(({ point, name }) => `${point}, ${name}`)).toEqual([]);
      });
      for (const fault of faults) {
        if (!canInject(step, fault, points)) continue;
        const outcome = outcomeIn(committed, step, fault) ?? 'missing in the matrix';
        // Concurrent, because each simulation waits for sockets now and then.
        it.concurrent(`ends as ${outcome} under ${fault.point}: ${fault.name}`, async () => {
          const cell = await play(step, fault);
          expect(cell.problems).toEqual([]);
          expect(cell.outcome, 'npm run faults:table updates the matrix').toBe(outcome);
        });
      }
    });
  }
}
