import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsCredentials } from '../aws/sigv4.ts';
import type { GetSecret } from '../bot-token/read.ts';

/** Clients by region, for the life of the process. The SDK does not follow the region in an ARN. */
const clients = new Map<string, SecretsManagerClient>();

/** Gets a secret with the AWS SDK. A deploy has the time that a cold start of the bot has not. */
export const getSecretWithSdk: GetSecret = (secretId, region, signal) => {
  const client = clients.get(region) ?? new SecretsManagerClient({ region });
  clients.set(region, client);
  return getSecretFrom(client, secretId, signal);
};

/** Returns a `GetSecret` that reads once with these credentials. */
export function getSecretAs(credentials: AwsCredentials): GetSecret {
  return async (secretId, region, signal) => {
    const client = new SecretsManagerClient({ region, credentials });
    try {
      return await getSecretFrom(client, secretId, signal);
    } finally {
      client.destroy();
    }
  };
}

/** @param signal also bounds the SDK's own retries, which never end on a silent network */
export async function getSecretFrom(
  client: SecretsManagerClient,
  secretId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }), {
    abortSignal: signal,
  });
  return SecretString;
}
