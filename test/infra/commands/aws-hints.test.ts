import { expect, it, vi } from 'vitest';
import { withHint } from '../../../infra/commands/aws-hints.ts';

const error = (name: string, message: string) => Object.assign(new Error(message), { name });

it.each([
  ['ExpiredTokenException', 'The security token is expired', /session has expired/],
  ['InvalidClientTokenId', 'The security token is invalid', /does not accept these credentials/],
  ['SignatureDoesNotMatch', 'The signature does not match', /does not accept these credentials/],
  ['Error', 'getaddrinfo ENOTFOUND sqs.eu-wset-1.amazonaws.com', /not reached: .*region/],
  ['TimeoutError', 'Connection timed out', /not reached: .*proxy/],
  ['Error', 'Region is missing', /Set AWS_REGION/],
])('explains %s: %s', (name, message, hint) => {
  const text = withHint(error(name, message));
  expect(text.startsWith(`${message}\n`)).toBe(true);
  expect(text).toMatch(hint);
});

it.each([
  ['', /choose a profile with --profile/],
  ['work', /The AWS profile is work: .*`aws sso login --profile work`/],
])('names the profile %j where there are no credentials', (profile, hint) => {
  vi.stubEnv('AWS_PROFILE', profile);
  expect(withHint(error('CredentialsProviderError', 'Could not load credentials'))).toMatch(hint);
  vi.unstubAllEnvs();
});

it('gives a hint once, and none for what it does not know', () => {
  const once = withHint(error('Error', 'Region is missing'));
  expect(withHint(error('Error', once))).toBe(once);
  expect(withHint(error('Error', 'The queue is empty'))).toBe('The queue is empty');
});
