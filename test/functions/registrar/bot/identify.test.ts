import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../../functions/bot-token/errors.ts';
import { identifyBot, parseBotProperties } from '../../../../functions/registrar/bot/identify.ts';
import { deriveWebhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import {
  createEvent,
  makeFakes,
  me,
  properties,
  refusedWith,
  stackId,
  unreachable,
} from '../fakes.ts';

const bot = parseBotProperties(createEvent('Custom::TelegramBot'));

it('returns who the bot is and what its webhook will be', async () => {
  const fakes = makeFakes();
  const { path, pathSha256, secretSha256 } = deriveWebhookSecrets(fakes.token, {
    stackId,
    address: properties.Address,
  });
  const { attributes, because } = await identifyBot(bot, fakes.context());
  expect(because).toBeUndefined();
  expect(attributes).toEqual({
    BotId: '7000000001',
    Username: 'test_bot',
    BotInfo: expect.stringContaining('"username":"test_bot"'),
    WebhookPath: path,
    WebhookPathSha256: pathSha256,
    WebhookSecretSha256: secretSha256,
  });
});

describe('the bot info', () => {
  /** Identifies a bot that getMe describes like this. */
  async function infoOf(answer: object) {
    const fakes = makeFakes();
    fakes.telegram.me = { ...me, ...answer };
    const { attributes } = await identifyBot(bot, fakes.context());
    return { attributes, info: JSON.parse(attributes.BotInfo) };
  }

  it('has every flag that bots read, also when Telegram leaves it out', async () => {
    const { info } = await infoOf({ can_join_groups: true, has_main_web_app: 'yes' });
    expect(info).toEqual({
      ...me,
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_guest_queries: false,
      supports_inline_queries: false,
      can_connect_to_business: false,
      has_main_web_app: false,
      has_topics_enabled: false,
      allows_users_to_create_topics: false,
      can_manage_bots: false,
      supports_join_request_queries: false,
    });
  });

  it.each([
    [
      '60 more flags',
      Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`can_x${n}`, true])),
    ],
    ['a long field', { note: 'x'.repeat(100_000) }],
    ['a long name of control characters', { first_name: '\0'.repeat(100_000) }],
    ['a long name of emoji', { first_name: '👩'.repeat(100_000) }],
    ['a name that is no text', { first_name: { toString: 5 } }],
  ])('stays under 1 kB with %s', async (_what, answer) => {
    const { attributes } = await infoOf(answer);
    expect(Buffer.byteLength(attributes.BotInfo)).toBeLessThan(1000);
    expect(Buffer.byteLength(JSON.stringify(attributes))).toBeLessThan(2048);
  });
});

it('retries until Telegram answers', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getMe = [
    unreachable(),
    refusedWith(502, 'Bad Gateway'),
    refusedWith(429, 'Too Many', 5),
  ];
  await expect(identifyBot(bot, fakes.context())).resolves.toMatchObject({
    attributes: { Username: 'test_bot' },
  });
  expect(fakes.telegram.methods).toHaveLength(4);
});

it('does not retry when the token is wrong', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getMe = [refusedWith(401, 'Unauthorized')];
  await expect(identifyBot(bot, fakes.context())).rejects.toMatchObject({ code: 401 });
  expect(fakes.telegram.methods).toEqual(['getMe']);
});

describe('in a rollback', () => {
  const rollback = { isRollback: true };

  it('asks Telegram as always', async () => {
    const { attributes } = await identifyBot(bot, makeFakes().context(rollback));
    expect(attributes).toMatchObject({ Username: 'test_bot' });
  });

  it.each([
    unreachable(),
    refusedWith(401, 'Unauthorized'),
    refusedWith(429, 'Too Many Requests', 3600),
    new TypeError('x is not a function'),
  ])('needs only the token: $message', async (fault) => {
    const fakes = makeFakes();
    const { attributes: expected } = await identifyBot(bot, fakes.context());
    fakes.telegram.faults.getMe = () => fault;
    const { attributes, because } = await identifyBot(bot, fakes.context(rollback), '7000000001');
    expect(attributes).toEqual({ ...expected, Username: '', BotInfo: '' });
    expect(because).toBe(fault.message);
  });

  it("fails without Telegram if the secret now holds another bot's token", async () => {
    const fakes = makeFakes();
    fakes.telegram.faults.getMe = [refusedWith(401, 'Unauthorized')];
    await expect(identifyBot(bot, fakes.context(rollback), '42')).rejects.toThrow(
      '401 Unauthorized. The rollback returns to bot 42, but the secret now holds the token of bot 7000000001: ' +
        'store the token of bot 42 again.',
    );
  });

  it('fails without the token', async () => {
    const fakes = makeFakes();
    fakes.secret = () => {
      throw new TokenUnavailableError('missing', 'gone');
    };
    await expect(identifyBot(bot, fakes.context(rollback))).rejects.toThrow('gone');
  });
});
