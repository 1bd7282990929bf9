import type { Update } from '@grammyjs/types';
import { expect, it, onTestFinished } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { DeliveryStage } from '../telegram/fixtures.ts';
import { Parameters } from '../telegram/parameters.ts';
import { newQueue } from '../terminal/fixtures.ts';
import { hideToken } from '../terminal/style.ts';
import { LiveReport } from './live-report.ts';

async function open() {
  const stage = await DeliveryStage.open();
  onTestFinished(() => stage.close());
  const { telegram, clock, bot } = stage;
  const logs = new Logs();
  logs.createGroup('bot', {});
  const queue = newQueue(stage);
  const printed: string[] = [];
  const report = new LiveReport({
    sandbox: { telegram, clock, aws: { logs } } as never,
    bot: { bot, queue, logGroups: ['bot'] },
    print: (text) => printed.push(text),
  });
  return { report, logs, queue: queue.updates, printed };
}

const from = { id: 42, is_bot: false, first_name: 'Ada' };
const chat = { id: 42, type: 'private', first_name: 'Ada' };
const group = { id: -5, type: 'supergroup', title: 'Tea' };
const text = 'hello';

it.each([
  [{ message: { from, chat, text } }, '→ Ada: “hello”'],
  [
    { message: { from: { ...from, username: 'ada' }, chat: group, text } },
    '→ @ada in Tea: “hello”',
  ],
  [{ channel_post: { chat: group, text } }, '→ Tea: the channel post 9'],
  [
    { callback_query: { from, data: 'x', message: { chat: group } } },
    '→ Ada in Tea: the button “x”',
  ],
  [{ poll: { id: '1' } }, '→ Telegram: the poll 9'],
  [{ message: { from, chat, text: '\x1b]0;title' } }, '→ Ada: “␛]0;title”'],
])('names who has sent %j', async (update, shown) => {
  const { report, printed } = await open();
  report.onUpdate({ update_id: 9, ...update } as never as Update);
  expect(printed).toEqual([shown]);
});

it('shows the log before the call that comes after it, and never a hidden token', async () => {
  const { report, logs, printed } = await open();
  const token = '7000000009:FAKE-TOKEN-hidden-in-what-is-printed';
  hideToken(token);
  logs.write('bot', `GET /bot${token}/getFile, then FAKE-TOKEN-hidden-in-what-is-printed`);
  const parameters = new Parameters(new Map());
  const call = { botId: 7, method: 'getFile', via: 'http', parameters } as const;
  report.onCall(call, { ok: false, error_code: 400, description: `Bad Request: ${token}` });
  report.onCall(call, undefined);
  expect(printed).toEqual([
    '  GET /bot<token>/getFile, then <token>',
    '← getFile: Bad Request: <token>',
    '← getFile: Telegram was not reached',
  ]);
});

it('reports what fails behind the queue, until it is a dead letter', async () => {
  const { report, queue, printed } = await open();
  const body = JSON.stringify({ update_id: 9, message: { from, chat, text } });
  queue.send({ body, group: '42', deduplicationId: '9' });
  for (const _ of [1, 2]) {
    const batch = queue.receive({ max: 1, visibilityMs: 8000 });
    const failedIds = new Set(batch.map(({ id }) => id));
    report.onBatch({ batch, failedIds, messages: 1, failed: 1, queueArn: 'arn:updates' });
    for (const { receiptHandle } of batch) queue.changeVisibility(receiptHandle, 0);
  }
  expect(printed).toEqual([
    'The bot failed. The queue will deliver the update again in 8 s.',
    '  Save a fix, and it is delivered again at once. Or drop it on the page.',
    '“hello” failed again (2nd attempt): the update is a dead letter now.',
  ]);
});
