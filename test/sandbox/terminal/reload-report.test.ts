import { expect, it } from 'vitest';
import { describeReload } from './reload-report.ts';

it('says how long a reload took', () => {
  const report = { kind: 'reloaded', file: 'bot.ts', durationMs: 120.4, warnings: '' } as const;
  expect(describeReload(report)).toBe('reloaded bot.ts in 120 ms');
});

it('shows the first lines of a build error', () => {
  const error = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n');
  expect(describeReload({ kind: 'failed', file: 'bot.ts', error }).split('\n')).toEqual([
    'bot.ts was not reloaded, and the code before it keeps running:',
    ...[1, 2, 3, 4, 5, 6].map((number) => `  line ${number}`),
    '  …',
  ]);
});

it('announces another deploy', () => {
  expect(describeReload({ kind: 'redeploying', file: 'app.ts' })).toBe(
    'app.ts has changed: deploying the app again',
  );
});
