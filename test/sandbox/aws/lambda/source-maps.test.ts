import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readableLog } from '../../terminal/readable-log.ts';
import { TestAws } from '../fixtures.ts';

/** A bundle of `functions/bot.ts` that throws on load, at line 3 and column 7 of the source. */
const bundle = "throw new Error('no start');\n//# sourceMappingURL=index.mjs.map\n";
const sourceMap = { version: 3, sources: ['functions/bot.ts'], names: [], mappings: 'AAEM' };

it.each([
  [true, /Error: no start\n +at .*functions\/bot\.ts:3:7/],
  [false, /Error: no start\n +at .*index\.mjs:1:7/],
])('maps a crash on load to its source if asked to: %s', async (sourceMaps, trace) => {
  const test = await TestAws.start({ sourceMaps });
  try {
    const configuration = test.configure('crashes', bundle, { logFormat: 'JSON' });
    writeFileSync(join(configuration.codeDirectory, 'index.mjs.map'), JSON.stringify(sourceMap));
    test.createRole('crashes-role');
    test.aws.lambda.create(configuration);
    await test.invoke('crashes');
    expect(test.log('crashes').map(readableLog).join('\n')).toMatch(trace);
  } finally {
    await test.close();
  }
});

it('shows the files of a function with their paths in the project', () => {
  const [stackTrace, message] = [
    ['Error: no', '    at f (/tmp/x/sandbox-aB3/functions/Name-1/functions/bot.ts:3:7)'],
    { errorType: 'Error', errorMessage: 'no' },
  ];
  expect(readableLog(JSON.stringify({ message: { ...message, stackTrace } }))).toBe(
    'Error: no\n    at f (functions/bot.ts:3:7)',
  );
});
