import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { TokenSecret } from '../declared-bots.ts';
import { checkToken } from './token-input.ts';

// The SDK would announce on Node 20 that its newer versions need a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * Reads the token in a stage's secret, with the AWS credentials of the shell.
 *
 * @param region of the stack, if the app names one
 * @throws Error that names the secret and says what to do
 */
export async function readStoredToken(
  { name, arn }: TokenSecret,
  region: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const client = new SecretsManagerClient({
    region,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 20_000 },
  });
  let value: string | undefined;
  try {
    const command = new GetSecretValueCommand({ SecretId: arn ?? name });
    ({ SecretString: value } = await client.send(command, { abortSignal: signal }));
  } catch (error) {
    const { name: kind, message } = error as Error;
    throw new Error(
      `The secret ${name} could not be read (${kind}: ${message}). ${hintFor(kind, message)}`,
    );
  } finally {
    client.destroy();
  }
  return checkToken(tokenIn(value), `The value of the secret ${name}`);
}

function hintFor(kind: string, message: string): string {
  if (/CredentialsProvider|Region is missing|ENOTFOUND|ECONNREFUSED|Expired/.test(kind + message)) {
    return (
      '--from-secret needs AWS: sign in, set AWS_REGION or AWS_PROFILE, or leave --from-secret out to be asked for ' +
      'the token.'
    );
  }
  if (kind === 'ResourceNotFoundException') {
    return 'Store the token of a development bot with npm run token, or choose another stage with -c stage=NAME.';
  }
  return 'Your credentials need secretsmanager:GetSecretValue for it.';
}

/** Returns the plain token, or the field `token` of a secret in JSON. */
function tokenIn(value = ''): string {
  try {
    const { token } = Object(JSON.parse(value));
    return typeof token === 'string' ? token : value;
  } catch {
    return value;
  }
}
