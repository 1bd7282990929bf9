import { secretUnavailable } from './errors.ts';
import { parseBotToken } from './parse.ts';
import { parseSecretId } from './secret-id.ts';

/**
 * Gets the text of a secret; undefined if it holds binary data. It rejects with an error that has AWS's name for it:
 * `ResourceNotFoundException`.
 */
export type GetSecret = (
  secretId: string,
  region: string,
  signal: AbortSignal,
) => Promise<string | undefined>;

export interface ReadOptions {
  /**
   * The region of a secret that is given by name.
   *
   * @default - the function's own
   */
  readonly region?: string;
  /**
   * Ends all attempts.
   *
   * @default - aborted after 10 s
   */
  readonly signal?: AbortSignal;
}

/**
 * Reads the bot token from Secrets Manager, by the secret's name or ARN: in the region of the ARN, else in the
 * function's own.
 *
 * @throws TokenUnavailableError whose `reason` distinguishes a missing secret from one that cannot be read now
 */
export async function readBotToken(
  secretId: string,
  getSecret: GetSecret,
  {
    region: own = process.env.AWS_REGION ?? '',
    signal = AbortSignal.timeout(10_000),
  }: ReadOptions = {},
): Promise<string> {
  const { region = own } = parseSecretId(secretId);
  let value: string | undefined;
  try {
    value = await getSecret(secretId, region, signal);
  } catch (error) {
    throw secretUnavailable(error as Error, secretId, region);
  }
  return parseBotToken(value, secretId);
}
