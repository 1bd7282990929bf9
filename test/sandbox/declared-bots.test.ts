import { describe, expect, it } from 'vitest';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { stackOf } from './cloudformation/fakes.ts';
import { declaredBotsOf } from './declared-bots.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:telegram/bot-token';

function stackWith(TokenSecret: unknown, others: Record<string, unknown> = {}): StackArtifact {
  return stackOf({ Bot: { Type: 'Custom::TelegramBot', Properties: { TokenSecret } }, ...others });
}

const tokenSecretsOf = (stack: StackArtifact) =>
  declaredBotsOf(stack).map(({ tokenSecret }) => tokenSecret);

describe('the token secret of a bot', () => {
  it('is one of its stack if the stack gives its name', () => {
    const location = { account: '111122223333', region: 'eu-west-1' };
    expect(tokenSecretsOf({ ...stackWith('bot-token'), location })).toEqual([
      { name: 'bot-token', ...location },
    ]);
  });

  it('is one of the account and region in its ARN', () => {
    expect(tokenSecretsOf(stackWith(`${arn}-AbCdEf`))).toEqual([
      {
        name: 'telegram/bot-token',
        account: '111122223333',
        region: 'eu-west-1',
        arn: `${arn}-AbCdEf`,
      },
    ]);
  });

  it('gets the suffix of its ARN from the sandbox if the policies leave it open', () => {
    const policy = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyDocument: { Statement: [{ Resource: `${arn}-??????` }] } },
    };
    expect(tokenSecretsOf(stackWith(arn, { Policy: policy }))).toEqual([
      { name: 'telegram/bot-token', account: '111122223333', region: 'eu-west-1' },
    ]);
  });

  it('is found in nested stacks', () => {
    const nested = {
      Type: 'AWS::CloudFormation::Stack',
      Properties: { TemplateURL: 'https://s3.us-east-1.amazonaws.com/assets/abc.json' },
    };
    const stack = {
      ...stackOf({ Nested: nested }),
      nestedTemplate: (key: string) =>
        key === 'abc.json' ? stackWith('inner').template : undefined,
    };
    expect(tokenSecretsOf(stack)).toMatchObject([{ name: 'inner' }]);
  });

  it('must be known before the deploy', () => {
    expect(() => tokenSecretsOf(stackWith({ Ref: 'Secret' }))).toThrow(
      'The sandbox can fill only token secrets that the app imports by name or by ARN',
    );
  });
});

describe('what a person does for a bot before the first deploy', () => {
  it('are the switches that the stack expects', () => {
    const Expects = { inlineMode: 'true', privacyMode: 'false', joinGroups: 'false' };
    const bot = { Type: 'Custom::TelegramBot', Properties: { TokenSecret: 'token', Expects } };
    expect(declaredBotsOf(stackOf({ Bot: bot }))).toMatchObject([
      {
        switches: {
          supports_inline_queries: true,
          can_read_all_group_messages: true,
          can_join_groups: false,
        },
        switched: ['inline mode on', 'group privacy off', 'joining groups off'],
      },
    ]);
  });

  it('are the chats that its profile names, and no other bot has', () => {
    const profile = (TokenSecret: string, ...Slots: unknown[]) => ({
      Type: 'Custom::TelegramBotProfile',
      Properties: { TokenSecret, Slots },
    });
    const slots = [
      '{"name":"Bot"}',
      '{"commands":[],"scope":{"type":"chat","chat_id":-100123}}',
      '{"menu_button":{"type":"commands"},"chat_id":42}',
      { 'Fn::Join': ['', ['{"name":"', { Ref: 'Name' }, '"}']] },
    ];
    const stack = stackOf({
      Bot: { Type: 'Custom::TelegramBot', Properties: { TokenSecret: 'token' } },
      Profile: profile('token', ...slots),
      Other: profile('other', '{"commands":[],"scope":{"type":"chat","chat_id":"@other"}}'),
    });
    expect(declaredBotsOf(stack)).toMatchObject([{ chats: ['-100123', '42'] }]);
  });
});
