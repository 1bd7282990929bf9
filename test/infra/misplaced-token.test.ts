import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { fakeToken } from '../sandbox/index.ts';
import { botStack, type TestBotProps } from './synth.ts';

describe('a bot token in the wrong place', () => {
  it.each<[string, TestBotProps, string]>([
    [
      'the path of apiRoot',
      { apiRoot: `https://api.telegram.org/bot${fakeToken()}` },
      '/bot<token>',
    ],
    [
      'an apiRoot that is not a URL',
      { apiRoot: `api.telegram.org/bot${fakeToken()}` },
      '/bot<token>',
    ],
    ['the environment', { environment: { TOKEN: `${fakeToken()}\n` } }, 'TOKEN looks like one'],
  ])('refuses a token in %s without showing it', (_, settings, message) => {
    const attempt = () => botStack(settings);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(fakeToken());
  });

  it('does not mistake the ARN of a queue for a token', () => {
    const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:a-queue-with-a-long-name';
    const { stack } = botStack({ environment: { QUEUE } });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { QUEUE } },
    });
  });
});
