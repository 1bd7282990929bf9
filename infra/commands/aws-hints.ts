/** Hints for the errors of AWS and its SDK that an operator can fix. */
const HINTS: readonly [RegExp, string][] = [
  [
    /CredentialsProviderError/,
    'Sign in (`aws configure`, `aws sso login`), or check the profile (AWS_PROFILE, --profile).',
  ],
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
  const hint = HINTS.find(([pattern]) => pattern.test(name) || pattern.test(message))?.[1];
  return hint && !message.includes(hint) ? `${message}\n${hint}` : message;
}
