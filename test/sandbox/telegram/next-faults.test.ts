import { afterEach, beforeEach, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { DeliveryStage, TelegramFixture } from './fixtures.ts';

let fixture: TelegramFixture;

beforeEach(async () => {
  fixture = await TelegramFixture.open();
});

afterEach(() => fixture.close());

it.each([
  [400, 'Bad Request: chat not found', undefined],
  [403, 'Forbidden: bot was blocked by the user', undefined],
  [429, 'Too Many Requests: retry after 5', { retry_after: 5 }],
] as const)(
  'refuses the next call of a method with %i, and no other call',
  async (code, description, parameters) => {
    const { telegram, bot } = fixture;
    telegram.nextFaults.add(bot.id, 'GETME', code);
    expect((await fixture.call('getMyCommands')).status).toBe(200);
    const { status, headers, answer } = await fixture.call('getMe');
    expect(status).toBe(code);
    expect(answer).toEqual({
      ok: false,
      error_code: code,
      description,
      ...(parameters && { parameters }),
    });
    expect(headers['retry-after']).toBe(parameters && '5');
    expect((await fixture.call('getMe')).status).toBe(200);
    expect(telegram.calls.map(({ isInjected = false }) => isInjected)).toEqual([
      false,
      true,
      false,
    ]);
  },
);

it('does not execute the call, and comes before the faults of tests', async () => {
  const { telegram, bot } = fixture;
  telegram.intercept = () => ({ kind: 'answer', status: 502 });
  telegram.nextFaults.add(bot.id, 'setMyName', 400);
  expect((await fixture.call('setMyName', { name: 'New' })).status).toBe(400);
  expect((await fixture.call('setMyName', { name: 'New' })).status).toBe(502);
  expect(bot.user.first_name).toBe('Kit');
});

it('refuses several calls in order, those of one bot only, until the rest is cleared', async () => {
  const { nextFaults } = fixture.telegram;
  const { id } = fixture.bot;
  nextFaults.add(id, 'getMe', 403);
  nextFaults.add(id + 1, 'getMe', 400);
  nextFaults.add(id, 'getMe', 429);
  expect((await fixture.call('getMe')).status).toBe(403);
  expect(nextFaults.list(id)).toEqual([{ method: 'getMe', code: 429 }]);
  nextFaults.clear(id);
  expect((await fixture.call('getMe')).status).toBe(200);
  expect(nextFaults.list(id + 1)).toEqual([{ method: 'getMe', code: 400 }]);
});

it('refuses the call in the reply of a webhook', async () => {
  const stage = await DeliveryStage.open();
  await stage.setWebhook();
  stage.telegram.nextFaults.add(stage.bot.id, 'sendMessage', 403);
  const chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada' });
  const heard: string[] = [];
  chat.onMessage(({ text = '' }) => heard.push(text));
  stage.network.automatic = ({ update, answer }) =>
    answer(200, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'sendMessage', chat_id: 42, text: update.message?.text }),
    });
  for (const text of ['first', 'second']) {
    chat.send(text);
    await settle();
  }
  expect(stage.telegram.calls).toMatchObject([
    { isInjected: true, answer: { ok: false, error_code: 403 } },
    { answer: { ok: true } },
  ]);
  expect(heard).toEqual(['second']);
  await stage.close();
});
