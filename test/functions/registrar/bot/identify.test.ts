import { expect, it } from 'vitest';
import { identify } from '../../../../functions/registrar/bot/identify.ts';
import { webhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { makeWorld, me, properties, refused, stackId, unreachable } from '../fakes.ts';

it('tells who the bot is and what its webhook will be', async () => {
  const world = makeWorld();
  const { path, secretSha256 } = webhookSecrets(world.token, {
    stackId,
    address: properties.Address,
  });
  await expect(identify(stackId, properties, world.tools())).resolves.toEqual({
    BotId: '7000000001',
    Username: 'test_bot',
    Link: 'https://t.me/test_bot',
    BotInfo: JSON.stringify(me),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  });
});

it('fits into an answer to CloudFormation', async () => {
  const world = makeWorld();
  const attributes = await identify(stackId, properties, world.tools());
  expect(JSON.stringify(attributes).length).toBeLessThan(2048);
});

it('asks until Telegram answers', async () => {
  const world = makeWorld();
  world.telegram.faults.getMe = [
    unreachable(),
    refused(502, 'Bad Gateway'),
    refused(429, 'Too Many', 5),
  ];
  await expect(identify(stackId, properties, world.tools())).resolves.toMatchObject({
    Username: 'test_bot',
  });
  expect(world.telegram.methods).toHaveLength(4);
});

it('asks once when the token is wrong', async () => {
  const world = makeWorld();
  world.telegram.faults.getMe = [refused(401, 'Unauthorized')];
  await expect(identify(stackId, properties, world.tools())).rejects.toMatchObject({ code: 401 });
  expect(world.telegram.methods).toEqual(['getMe']);
});
