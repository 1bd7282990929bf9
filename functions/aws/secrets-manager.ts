import { AwsClient, type AwsClientOptions } from './client.ts';
import { endpointIn } from './endpoint.ts';

/**
 * Gets the text of a secret in AWS Secrets Manager.
 *
 * @param secretId name or ARN
 * @param signal ends all attempts
 * @returns undefined for a secret that holds binary data
 * @throws AwsRefusedError with AWS's name for the error, or the error of `node:https`
 */
export async function getSecret(
  secretId: string,
  region: string,
  signal: AbortSignal,
  options: Pick<AwsClientOptions, 'ca' | 'now'> = {},
): Promise<string | undefined> {
  const secretsManager = new AwsClient({
    service: 'secretsmanager',
    target: 'secretsmanager',
    version: '1.1',
    endpoint: endpointIn(region, 'secretsmanager'),
    region,
    attemptMs: 3000,
    attempts: 3,
    ...options,
  });
  try {
    const secret = await secretsManager.send('GetSecretValue', { SecretId: secretId }, signal);
    return (secret as { SecretString?: string } | null)?.SecretString;
  } finally {
    secretsManager.close();
  }
}
