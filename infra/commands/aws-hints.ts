/** AWS's and its SDK's errors, with what to do about them. */
const CURES: readonly [RegExp, string][] = [
  [/CredentialsProviderError/, 'Sign in (`aws configure`, `aws sso login`) or set AWS_PROFILE.'],
  [/Region is missing/, 'Set AWS_REGION to the region of the deploy.'],
  [/Expired|InvalidClientTokenId|UnrecognizedClient/, 'Sign in again: the session is over.'],
  [/AccessDenied/, '`npm run dead-letters -- --help` lists the rights that it takes.'],
  [/PurgeQueueInProgress/, 'SQS purges a queue once in 60 seconds: try again then.'],
  [/Throttl|TooManyRequests/, 'AWS has had enough for the moment: try again.'],
];

/** An error in words for the person at the terminal. */
export function withHint({ name, message }: Error): string {
  const cure = CURES.find(([pattern]) => pattern.test(name) || pattern.test(message))?.[1];
  return cure ? `${message}\n${cure}` : message;
}
