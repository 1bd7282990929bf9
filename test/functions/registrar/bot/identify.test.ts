import { expect, it } from 'vitest';
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
  const { path, secretSha256 } = deriveWebhookSecrets(fakes.token, {
    stackId,
    address: properties.Address,
  });
  await expect(identifyBot(bot, fakes.context())).resolves.toEqual({
    BotId: '7000000001',
    Username: 'test_bot',
    Link: 'https://t.me/test_bot',
    BotInfo: JSON.stringify(me),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  });
});

it('returns attributes that fit into a response to CloudFormation', async () => {
  const fakes = makeFakes();
  const attributes = await identifyBot(bot, fakes.context());
  expect(JSON.stringify(attributes).length).toBeLessThan(2048);
});

it('retries until Telegram answers', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getMe = [
    unreachable(),
    refusedWith(502, 'Bad Gateway'),
    refusedWith(429, 'Too Many', 5),
  ];
  await expect(identifyBot(bot, fakes.context())).resolves.toMatchObject({
    Username: 'test_bot',
  });
  expect(fakes.telegram.methods).toHaveLength(4);
});

it('does not retry when the token is wrong', async () => {
  const fakes = makeFakes();
  fakes.telegram.faults.getMe = [refusedWith(401, 'Unauthorized')];
  await expect(identifyBot(bot, fakes.context())).rejects.toMatchObject({ code: 401 });
  expect(fakes.telegram.methods).toEqual(['getMe']);
});
