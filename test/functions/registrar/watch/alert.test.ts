import { describe, expect, it } from 'vitest';
import type { AlertEvent } from '../../../../functions/contract.ts';
import { handleAlert } from '../../../../functions/registrar/watch/alert.ts';
import { makeFakes, refusedWith, TWELVE_MINUTES } from '../fakes.ts';

const event: AlertEvent = {
  RequestType: 'Alert',
  Chat: '42',
  Bot: 'bot-dev/Bot',
  TokenSecret: 'telegram/dev/bot-token',
  ApiRoot: 'https://api.telegram.org',
  TelegramEnvironment: 'prod',
  State: 'ALARM',
  PreviousState: 'OK',
  Description: 'The webhook does not work.',
};

async function alert(changes: Partial<AlertEvent>, faults: Error[] = []) {
  const fakes = makeFakes();
  const sent: unknown[] = [];
  fakes.telegram.call = (async (method: string, parameters: unknown) => {
    const fault = faults.shift();
    if (fault) throw fault;
    sent.push([method, parameters]);
  }) as never;
  await handleAlert({ ...event, ...changes }, TWELVE_MINUTES, fakes.services);
  return { sent, fakes };
}

describe('an alert', () => {
  it('tells the chat what is wrong, and the first command to run', async () => {
    const { sent } = await alert({});
    const text = '🔴 bot-dev/Bot\n\nThe webhook does not work.';
    expect(sent).toEqual([['sendMessage', { chat_id: '42', text }]]);
  });

  it('tells the chat when it is over', async () => {
    const { sent } = await alert({ State: 'OK', PreviousState: 'ALARM' });
    const text = '🟢 bot-dev/Bot\n\nOver: The webhook does not work.';
    expect(sent).toEqual([['sendMessage', { chat_id: '42', text }]]);
  });

  it.each([
    ['OK', 'INSUFFICIENT_DATA'],
    ['INSUFFICIENT_DATA', 'OK'],
    ['INSUFFICIENT_DATA', 'ALARM'],
  ])('is no message about %s after %s, as of a new alarm', async (State, PreviousState) => {
    const { sent, fakes } = await alert({ State, PreviousState });
    expect(sent).toEqual([]);
    expect(fakes.lines).toMatchObject([{ facts: { event: 'alert.skipped' } }]);
  });

  it('is sent again after a failure that can pass, and logged without its text', async () => {
    const { sent, fakes } = await alert({}, [refusedWith(502, 'Bad Gateway')]);
    expect(sent).toHaveLength(1);
    expect(fakes.lines).toEqual([
      {
        level: 'info',
        facts: { event: 'alert.sent', bot: 'bot-dev/Bot', state: 'ALARM', previousState: 'OK' },
      },
    ]);
  });

  it('fails when Telegram refuses it, as for a chat that has never started the bot', async () => {
    const refused = refusedWith(403, "Forbidden: bot can't initiate conversation with a user");
    await expect(alert({}, [refused])).rejects.toBe(refused);
  });
});
