import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretUnavailable } from './errors.ts';
import { parseBotToken } from './parse.ts';
import { parseSecretId } from './secret-id.ts';

/** Clients by region, for the life of the process. The SDK does not follow the region in an ARN. */
const clients = new Map([[process.env.AWS_REGION, new SecretsManagerClient({})]]);

export interface ReadOptions {
  /** @default - a client of the region in the secret's ARN, or of the function's own region */
  readonly client?: SecretsManagerClient;
  /**
   * How long reading may take. It also bounds the SDK's own retries, which never end on a silent network.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

/**
 * Reads the bot token from Secrets Manager, by the secret's name or ARN.
 *
 * @throws TokenUnavailableError whose `reason` distinguishes a missing secret from one that cannot be read now
 */
export async function readBotToken(
  secretId: string,
  { client = clientFor(secretId), timeoutMs = 10_000 }: ReadOptions = {},
): Promise<string> {
  let value: string | undefined;
  try {
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const secret = await client.send(new GetSecretValueCommand({ SecretId: secretId }), {
      abortSignal,
    });
    value = secret.SecretString;
  } catch (error) {
    throw secretUnavailable(error as Error, secretId, await client.config.region());
  }
  return parseBotToken(value, secretId);
}

function clientFor(secretId: string): SecretsManagerClient {
  const { region = process.env.AWS_REGION } = parseSecretId(secretId);
  const client = clients.get(region) ?? new SecretsManagerClient({ region });
  clients.set(region, client);
  return client;
}
