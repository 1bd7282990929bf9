import { describe, expect, it } from 'vitest';
import { findTarget } from '../../../../infra/commands/token/target.ts';

const app = 'node --import tsx test/infra/commands/deployed-bots/app.ts';
const context = ['stage=prod'];
const telegram = 'https://api.telegram.org';
const arn = 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:telegram/prod/bot-token-Ab12Cd';

describe('the target of npm run token', () => {
  it('is what the app declares for the bot that was chosen', async () => {
    const bot = 'Shop/Sales';
    expect(await findTarget({ app, context, bot, profile: 'work' })).toEqual({
      bot,
      secretId: 'telegram/shop-prod/Sales',
      region: undefined,
      servers: [{ apiRoot: telegram, environment: 'prod' }],
      deploy: ['--app', app, '--profile', 'work', '-c', 'stage=prod', 'Shop'],
    });
  });

  it('has to be chosen when the app has several bots', async () => {
    const choices = '\n  --bot Shop/Sales\n  --bot Shop/Support\n  --bot Europe/Parent/Nested/Bot';
    await expect(findTarget({ app, context })).rejects.toThrow(
      `several bots. Choose one:${choices}`,
    );
    await expect(findTarget({ app, context, bot: 'Shop/Sale' })).rejects.toThrow(
      `There is no bot Shop/Sale. The app has:${choices}`,
    );
    // The name of its secret contains the generated name of the nested stack.
    const nested = findTarget({ app, context, bot: 'Europe/Parent/Nested/Bot' });
    await expect(nested).rejects.toThrow('gets its name during the deploy');
  });

  it('asks the Bot API of the app', async () => {
    const own = 'node --import tsx test/infra/commands/token/app.ts';
    const settings = ['telegramApiRoot=https://bots.example/api/', 'telegramEnvironment=test'];
    const { servers, deploy } = await findTarget({ app: own, context: settings, stage: 'beta' });
    expect(servers).toEqual([{ apiRoot: 'https://bots.example/api', environment: 'test' }]);
    expect(deploy?.slice(-2)).toEqual(['-c', 'stage=beta']);
  });

  it.each([
    [{ secret: arn, region: 'us-east-1' }, 'eu-west-3'],
    [{ secret: 'telegram/prod/bot-token', region: 'us-east-1' }, 'us-east-1'],
    [{ secret: 'telegram/prod/bot-token' }, undefined],
  ])('is the secret of %j in %s, for a bot of either environment', async (options, region) => {
    expect(await findTarget({ ...options, 'api-root': 'https://bots.example/' })).toEqual({
      secretId: options.secret,
      region,
      servers: ['prod', 'test'].map((environment) => ({
        apiRoot: 'https://bots.example',
        environment,
      })),
    });
  });

  it('is never a token, which the message does not show', async () => {
    const refused = findTarget({ secret: '42:FAKE-TOKEN-FAKE-TOKEN' });
    await expect(refused).rejects.toThrow('looks like the token itself');
    await expect(refused).rejects.not.toThrow('FAKE');
    await expect(findTarget({ secret: 'a b' })).rejects.toThrow('name of a secret, or its ARN');
    await expect(findTarget({ stack: 'Shop' })).rejects.toThrow('use --secret');
  });
});
