import { expect, it } from 'vitest';
import { describeAppFailure } from './app-failure.ts';

const describeFailure = (...lines: string[]) => describeAppFailure(lines.join('\n'), '/kit/');

const TREE = [
  '    ...new Function2 in aws-cdk-lib...',
  '    at new NodeFunction (/kit/infra/constructs/node-function.ts:41:5)',
  'Relates to construct:',
  '    <.> (aws-cdk-lib.App)',
  '',
  'Node.js v20.20.2',
];

it('shows each error of esbuild once, with its code and nothing else', () => {
  const errors = [
    '✘ [ERROR] Expected ";" but found "b"',
    '',
    '    functions/bot.ts:32:2:',
    '      32 │ a b',
    '         ╵   ^',
    '',
    '✘ [ERROR] Could not resolve "nowhere"',
    '',
    '    functions/bot.ts:1:7:',
    '      1 │ import "nowhere";',
    '        ╵        ~~~~~~~~~',
  ];
  const expected = errors.join('\n');
  const progress = 'Bundling asset TelegramBot-dev/Bot/Endpoint/Receiver/Code/Stage...';
  const failure =
    '«FailedToBundleAsset» Failed to bundle asset: Error: Build failed with 2 errors:';
  const short = 'functions/bot.ts:32:2: ERROR: Expected ";" but found "b"';
  // Printed by esbuild itself, or as the message of the error.
  expect(describeFailure(progress, ...errors, '', failure, short, ...TREE)).toBe(expected);
  expect(describeFailure(progress, `«F» Failed: Error: ${expected}`, ...TREE)).toBe(expected);
  expect(describeFailure(...errors, '', `Error: ${expected}`, ...TREE)).toBe(expected);
});

it('shows a syntax error of the app itself in one line', () => {
  expect(
    describeFailure(
      'node:internal/modules/run_main:123',
      'Error [TransformError]: Transform failed with 1 error:',
      '/kit/infra/app.ts:6:20: ERROR: Unexpected ";"',
      '    at failureErrorWithLog (/kit/node_modules/esbuild/lib/main.js:1752:15)',
    ),
  ).toBe('infra/app.ts:6:20: ERROR: Unexpected ";"');
});

it.each(['/kit/infra/context.ts', 'file:///kit/infra/context.ts'])(
  'shows only the message of an Error thrown at %s',
  (file) => {
    expect(
      describeFailure(
        "  throw new Error('no')",
        '',
        'Error: delivery must be direct or queued, got wrong',
        'Fix it.',
        `    at delivery (${file}:41:9)`,
        '    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)',
      ),
    ).toBe('delivery must be direct or queued, got wrong\nFix it.');
  },
);

it.each([
  ['a mistake in the code', 'ReferenceError: Appp is not defined', '/kit/infra/app.ts:6:13'],
  ['an Error of a package', 'Error: ENOENT', '/kit/node_modules/aws-cdk-lib/index.js:1:1'],
  ['an Error of Node', 'Error: ENOENT', 'node:fs:560:18'],
])('shows everything about %s', (_what, error, place) => {
  const printed = `${error}\n    at ${place}\n\nNode.js v20.20.2`;
  expect(describeFailure(printed)).toBe(`The CDK app failed:\n${printed}`);
});
