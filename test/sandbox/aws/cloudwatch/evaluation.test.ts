import { describe, expect, it } from 'vitest';
import { type AlarmRule, evaluate } from './evaluation.ts';

/** `X` breaches, `0` does not, `-` is missing; the latest is last. */
function state(pattern: string, rule: Partial<AlarmRule> = {}): string {
  const range = [...pattern].map((letter, index) => ({
    value: { X: 5, '0': 0 }[letter],
    start: Date.UTC(2026, 0, 31, 12, index),
  }));
  return (
    evaluate(range, {
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      ...rule,
    })?.value ?? 'kept'
  );
}

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const [OK, ALARM, UNKNOWN, kept] = ['OK', 'ALARM', 'INSUFFICIENT_DATA', 'kept'];

// The two tables of CloudWatch's documentation, with the columns missing, ignore, breaching, not breaching.
describe('three of three datapoints', () => {
  it.each([
    ['0-X-X', [OK, OK, OK, OK]],
    ['----0', [OK, OK, OK, OK]],
    ['-----', [UNKNOWN, kept, ALARM, OK]],
    ['0XX-X', [ALARM, ALARM, ALARM, ALARM]],
    ['--X--', [ALARM, kept, ALARM, OK]],
  ])('%s', (pattern, expected) => {
    const states = treatments.map((TreatMissingData) => state(pattern, { TreatMissingData }));
    expect(states).toEqual(expected);
  });
});

describe('two of three datapoints', () => {
  it.each([
    ['0-X-X', [ALARM, ALARM, ALARM, ALARM]],
    ['00X0X', [ALARM, ALARM, ALARM, ALARM]],
    ['0-X--', [OK, OK, ALARM, OK]],
    ['----0', [OK, OK, ALARM, OK]],
    ['---X-', [ALARM, kept, ALARM, OK]],
  ])('%s', (pattern, expected) => {
    const states = treatments.map((TreatMissingData) =>
      state(pattern, { TreatMissingData, DatapointsToAlarm: 2 }),
    );
    expect(states).toEqual(expected);
  });
});

it('does not change its state for one breaching datapoint of three', () => {
  expect(state('----X')).toBe('kept');
});

it.each([
  ['GreaterThanThreshold', [false, false, true]],
  ['GreaterThanOrEqualToThreshold', [false, true, true]],
  ['LessThanThreshold', [true, false, false]],
  ['LessThanOrEqualToThreshold', [true, true, false]],
] as const)('compares by %s', (ComparisonOperator, expected) => {
  const rule = { ComparisonOperator, Threshold: 1, EvaluationPeriods: 1 };
  const states = [0, 1, 2].map((value) => evaluate([{ value, start: 0 }], rule)?.value === 'ALARM');
  expect(states).toEqual(expected);
});

it('gives its reason in the words of CloudWatch', () => {
  const rule = {
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 2,
  } as const;
  const point = (value?: number) => ({ value, start: Date.UTC(2026, 0, 31, 12) });
  expect(evaluate([point(1), point(2.5)], rule)?.reason).toBe(
    'Threshold Crossed: 2 out of the last 2 datapoints [1.0 (31/01/26 12:00:00), 2.5 (31/01/26 12:00:00)] were ' +
      'greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).',
  );
  expect(evaluate([point(0), point(1)], rule)?.reason).toBe(
    'Threshold Crossed: 1 out of the last 2 datapoints [0.0 (31/01/26 12:00:00)] was not greater than or equal to ' +
      'the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).',
  );
  expect(evaluate([point()], rule)?.reason).toBe('Insufficient Data: 2 datapoints were unknown.');
  expect(evaluate([point()], { ...rule, TreatMissingData: 'notBreaching' })?.reason).toBe(
    'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [NonBreaching].',
  );
});
