import { describe, expect, it } from 'vitest';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { stackOf } from './cloudformation/fakes.ts';
import { tokenSecretsOf } from './token-secrets.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:telegram/bot-token';

function stackWith(TokenSecret: unknown, others: Record<string, unknown> = {}): StackArtifact {
  return stackOf({ Bot: { Type: 'Custom::TelegramBot', Properties: { TokenSecret } }, ...others });
}

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
