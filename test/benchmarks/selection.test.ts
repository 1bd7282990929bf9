import { expect, it } from 'vitest';
import { EMPTY, MINIMAL } from './cases.ts';
import { selectCases } from './selection.ts';

const named = (...names: string[]) => names.map((name) => ({ name, entry: '' }));
const all = { cold: named(EMPTY, 'receiver', 'peer: X'), warm: named(MINIMAL, 'receiver') };
const select = (text: string, reason?: string) => {
  const { cold, warm, skipped } = selectCases(all, text, ({ name }) =>
    name === 'peer: X' ? reason : undefined,
  );
  return [...cold.map(({ name }) => name), ...warm.map(({ name }) => name), ...skipped];
};

it('selects by a part of the name, with what the ratios refer to', () => {
  expect(select('')).toEqual([EMPTY, 'receiver', 'peer: X', MINIMAL, 'receiver']);
  expect(select('RECEIVER')).toEqual([EMPTY, 'receiver', MINIMAL, 'receiver']);
  expect(select('peer')).toEqual([EMPTY, 'peer: X']);
});

it('leaves out what cannot be measured here, and says why', () => {
  expect(select('peer', 'not installed')).toEqual([
    EMPTY,
    { name: 'peer: X', reason: 'not installed' },
  ]);
});

it('names all handlers when none is selected', () => {
  expect(() => select('nothing')).toThrow(`${EMPTY}; receiver; peer: X; ${MINIMAL}`);
});
