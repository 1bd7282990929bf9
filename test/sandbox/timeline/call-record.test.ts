import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { RecordedCall } from '../telegram/bot-api.ts';
import { fakeToken } from '../telegram/fake-token.ts';
import { Parameters, type Upload } from '../telegram/parameters.ts';
import { CallRecord } from './call-record.ts';
import { Scrubber } from './scrubber.ts';

function record(texts: Record<string, string>, files: [string, Upload][] = []): CallRecord {
  const parameters = new Parameters(new Map(Object.entries(texts)), new Map(files));
  const call: RecordedCall = { botId: 1, method: 'sendMessage', via: 'http', parameters };
  return new CallRecord(call, { key: 'call 1', at: 1000, scrubber: new Scrubber() });
}

const parametersOf = (texts: Record<string, string>) => record(texts).value.parameters;

it('parses what is JSON, and leaves what people read as it is', () => {
  const markup = { inline_keyboard: [[{ text: 'Go', callback_data: '1' }]] };
  expect(
    parametersOf({
      chat_id: '-42',
      reply_markup: JSON.stringify(markup),
      disable_notification: 'true',
      text: '{"a":1}',
      caption: '42',
      entities: '[broken',
      big_id: '1234567890123456',
      bigger_id: '12345678901234567890',
    }),
  ).toEqual({
    chat_id: -42,
    reply_markup: markup,
    disable_notification: true,
    text: '{"a":1}',
    caption: '42',
    entities: '[broken',
    big_id: 1234567890123456,
    bigger_id: '12345678901234567890',
  });
});

it('leaves as text what is nested more deeply than JSON can be written', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  expect(parametersOf({ chat_id: '1', reply_markup: deep })).toEqual({
    chat_id: '1',
    reply_markup: deep,
  });
});

it('reduces files to what identifies them', () => {
  const content = Buffer.from('content');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const { parameters } = record({}, [
    ['photo', { content, fileName: 'a.png' }],
    ['part', { content }],
  ]).value;
  expect(parameters).toEqual({
    photo: { file: { name: 'a.png', bytes: 7, sha256 } },
    part: { file: { name: 'part', bytes: 7, sha256 } },
  });
});

it('has an answer when it has ended, and none if the connection broke', () => {
  const answered = record({ chat_id: '1' });
  expect(answered.value).not.toHaveProperty('durationMs');
  answered.end(1250, { ok: true, result: true, description: 'Webhook was set' });
  expect(answered.value).toMatchObject({ durationMs: 250, answer: { ok: true, result: true } });
  const broken = record({});
  broken.end(1100, undefined);
  expect(broken.value).toMatchObject({ durationMs: 100 });
  expect(broken.value).not.toHaveProperty('answer');
});

it('holds no token, and keeps no hold of what Telegram may change later', () => {
  const call = record({ text: `my token is ${fakeToken()}` });
  const result = { text: fakeToken(), date: 1 };
  call.end(1001, { ok: true, result });
  result.date = 2;
  expect(JSON.stringify(call.value)).not.toContain('FAKE-TOKEN');
  expect(call.value.answer).toEqual({ ok: true, result: { text: '<token>', date: 1 } });
});
