/** Hints for the errors of AWS and its SDK that an operator can fix. */
const HINTS: readonly [RegExp, string | (() => string)][] = [
  [/CredentialsProviderError/, signInHint],
  [/Region is missing/, 'Set AWS_REGION to the region that you deployed to.'],
  [/Expired/, 'Your session has expired: sign in again.'],
  [
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature/,
    'AWS does not accept these credentials: check the access key, or sign in again.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|TimeoutError/,
    'AWS was not reached: check your network, a proxy, and the region (AWS_REGION).',
  ],
  [/AccessDenied/, 'Run the command with --help to see the permissions that it needs.'],
  [/PurgeQueueInProgress/, 'SQS purges a queue at most once a minute: try again in a minute.'],
  [/Throttl|TooManyRequests/, 'AWS is throttling your requests: try again in a minute.'],
];

/** Returns an error's message, with a hint about what to do if there is one. */
export function withHint({ name, message }: Error): string {
  const [, found] = HINTS.find(([pattern]) => pattern.test(name) || pattern.test(message)) ?? [];
  const hint = typeof found === 'function' ? found() : found;
  return hint && !message.includes(hint) ? `${message}\n${hint}` : message;
}

/** Names the profile, because the SDK's error does not. */
function signInHint(): string {
  const { AWS_PROFILE: profile } = process.env;
  return profile
    ? `The AWS profile is ${profile}: check its name, or sign in (\`aws sso login --profile ${profile}\`).`
    : 'Sign in (`aws configure`, `aws sso login`), or choose a profile with --profile.';
}
