import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../../functions/bot-token/errors.ts';
import type { DeclaredProfile } from '../../../../functions/contract.ts';
import { ATTEMPT_MS } from '../../../../functions/registrar/retry/time-budget.ts';
import { failureOf, foreignUrl, handle, refusedWith, unreachable, urlOf } from '../fakes.ts';
import { eventOf, makeBot, type ProfiledBot } from './scenario.ts';

const commands = [{ command: 'start', description: 'Begin' }];
const profile: DeclaredProfile = {
  Slots: [{ name: 'Shop' }, { name: 'Shop', language_code: 'de' }, { commands }].map((slot) =>
    JSON.stringify(slot),
  ),
  Photo: { Url: 'https://s3.us-east-1.amazonaws.com/assets/one.jpg', Type: 'static' },
};

async function deployed(): Promise<ProfiledBot> {
  const bot = makeBot();
  await handle(bot, eventOf(undefined, profile));
  bot.telegram.url = urlOf(bot.token);
  bot.model.writes.length = 0;
  bot.lines.length = 0;
  return bot;
}

const destroy = (bot: ProfiledBot) => handle(bot, eventOf(profile));
const because = (bot: ProfiledBot) => bot.lines.at(-1)?.facts.because;

describe('a destroy', () => {
  it.each(['', 'ours'])('clears the profile with a webhook that is %j', async (webhook) => {
    const bot = await deployed();
    if (webhook === '') bot.telegram.url = '';
    await expect(destroy(bot)).resolves.toEqual({ PhysicalResourceId: '7000000001' });
    expect([...bot.model.set]).toEqual([]);
    expect(bot.model.photo).toBe('');
    expect(bot.lines).toMatchObject([{ level: 'info', facts: { outcome: 'cleared' } }]);
  });

  it('clears a language that has the text of its default, which is gone by then', async () => {
    const bot = await deployed();
    bot.model.edit('name', { language_code: 'de' }, 'Shop');
    await destroy(bot);
    expect(bot.model.raw('name', { language_code: 'de' })).toBeUndefined();
  });

  it('leaves what another process has set, and says so', async () => {
    const bot = await deployed();
    bot.model.edit('name', {}, 'Store');
    await destroy(bot);
    expect(bot.model.raw('name', {})).toBe('Store');
    expect(bot.model.raw('commands', {})).toBeUndefined();
    expect(because(bot)).toBe(
      'Left as it is, since another process has set it or Telegram refuses access to it: profile.name.',
    );
  });

  it.each([
    ['another stack', foreignUrl],
    [
      'the same construct by another name',
      'https://abc123.execute-api.us-east-1.amazonaws.com/other',
    ],
  ])('leaves everything alone once the bot belongs to %s', async (_what, url) => {
    const bot = await deployed();
    bot.telegram.url = url;
    await destroy(bot);
    expect(bot.model.writes).toEqual([]);
    expect(because(bot)).toBe(
      'the bot now belongs to another registration, whose profile it may be',
    );
  });

  it('recognizes its webhook behind a path of the endpoint', async () => {
    const bot = await deployed();
    const { pathname } = new URL(urlOf(bot.token));
    bot.telegram.url = `https://bots.example/base${pathname}`;
    await destroy(bot);
    expect([...bot.model.set]).toEqual([]);
  });

  it('waits until no repair of the watch can set again what it clears', async () => {
    const bot = await deployed();
    const start = bot.clock.now();
    let editedAt = 0;
    const { sleep } = bot.clock;
    bot.clock.sleep = async (ms) => {
      await sleep.call(bot.clock, ms);
      if (editedAt > 0) return;
      editedAt = bot.clock.now();
      bot.model.edit('commands', {}, commands);
    };
    await destroy(bot);
    expect(editedAt - start).toBe(ATTEMPT_MS);
    expect(bot.model.raw('commands', {})).toBeUndefined();
  });

  it.each<[string, (bot: ProfiledBot) => void, string]>([
    [
      'the secret is gone',
      (bot) => {
        bot.secret = () => {
          throw new TokenUnavailableError('missing', 'The secret is gone.');
        };
      },
      'The secret is gone.',
    ],
    [
      'the token is revoked',
      (bot) => {
        bot.model.fault = () => refusedWith(401, 'Unauthorized');
      },
      '401 Unauthorized',
    ],
    [
      "the secret holds another bot's token",
      (bot) => {
        bot.secret = () => bot.token.replace('7000000001', '42');
      },
      'the token of bot 42 instead of bot 7000000001',
    ],
  ])('is not blocked when %s, and says what it left', async (_what, lose, reason) => {
    const bot = await deployed();
    lose(bot);
    await destroy(bot);
    expect(bot.model.writes).toEqual([]);
    expect(because(bot)).toContain(reason);
  });

  it('is not blocked by what Telegram refuses or rations', async () => {
    const bot = await deployed();
    bot.model.ration('setMyName', 3000);
    bot.model.fault = (method) =>
      method === 'deleteMyCommands' ? refusedWith(400, 'Bad Request: no') : undefined;
    await destroy(bot);
    expect(bot.model.photo).toBe('');
    expect(because(bot)).toContain('profile.commands');
    expect(because(bot)).toContain('Telegram rations profile.name');
  });

  it('is not blocked by a resource that was never complete', async () => {
    const bot = await deployed();
    const event = eventOf(profile);
    const { Slots, ...incomplete } = event.ResourceProperties;
    await handle(bot, { ...event, ResourceProperties: incomplete });
    expect(bot.model.writes).toEqual([]);
  });

  it('fails while Telegram is down, and says how to do without', async () => {
    const bot = await deployed();
    bot.model.fault = () => unreachable('getMyName');
    const { message } = await failureOf(bot, eventOf(profile));
    expect(message).toContain('or delete the stack and keep the profile:\n');
  });
});
