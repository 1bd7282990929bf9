import { expect, it } from 'vitest';
import { readableReason } from './reason.ts';

const unchanged = 'The webhook was left unchanged.';

it.each([
  [
    'the receiver crashes on load, times out, or may not be invoked. Run `npm start` to see a crash; ' +
      `\`cdk deploy --no-rollback\` keeps the log group of the receiver. ${unchanged}`,
    `the receiver crashes on load, times out, or may not be invoked. ${unchanged}`,
  ],
  [
    'crashes on load. Run `npm start -- --delivery queued` to see a crash; ' +
      `\`cdk deploy --no-rollback\` keeps the log group of the bot. ${unchanged}`,
    `crashes on load. ${unchanged}`,
  ],
  [`Error: no\n\nLogs: /aws/lambda/Kit-Registrar-framework\n`, 'Error: no'],
  ['Store the token in `telegram/dev/bot-token`.', 'Store the token in `telegram/dev/bot-token`.'],
])('leaves out advice that is of no use in the sandbox', (reason, readable) => {
  expect(readableReason(reason)).toBe(readable);
});
