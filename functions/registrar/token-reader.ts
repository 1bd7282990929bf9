import { credentials } from '../aws/client.ts';
import { endpointIn } from '../aws/endpoint.ts';
import { AwsRefusedError } from '../aws/errors.ts';
import { type AwsCredentials, signedHeaders } from '../aws/sigv4.ts';
import { TokenUnavailableError } from '../bot-token/errors.ts';
import { readBotToken } from '../bot-token/read.ts';
import { getSecretAs, getSecretWithSdk } from './secret-with-sdk.ts';

/** Where a bot's token is, and who may read it. */
export interface TokenSource {
  /** Name or ARN of the secret that holds the token. */
  readonly tokenSecret: string;
  /** ARN of the role that may read only this secret. Without it, as older versions deployed it, the function reads. */
  readonly tokenReader?: string;
}

/** How long one request may take. */
const TIMEOUT_MS = 5000;

/** How long the credentials live: the shortest time that AWS offers. The token is read at once. */
const LIFETIME_SECONDS = 900;

/** Reads a bot's token with the rights of its own reader. @throws TokenUnavailableError */
export async function readTokenAsReader({
  tokenSecret,
  tokenReader,
}: TokenSource): Promise<string> {
  if (!tokenReader) return readBotToken(tokenSecret, getSecretWithSdk);
  const reader = await assumeReader({ tokenSecret, tokenReader });
  return readBotToken(tokenSecret, getSecretAs(reader));
}

export interface AssumeOptions {
  /** @default - the function's own region */
  readonly region?: string;
  /** @default - the function's own credentials */
  readonly caller?: AwsCredentials;
  /** @default fetch */
  readonly send?: (
    url: string,
    request: { method: 'POST'; headers: Record<string, string>; body: string; signal: AbortSignal },
  ) => Promise<Response>;
}

/**
 * Gets credentials of the role that may read a token. A signed request does without the SDK's client, as for S3.
 *
 * @throws TokenUnavailableError `denied`, which a new role's trust policy may pass, or `unreachable`
 */
export async function assumeReader(
  { tokenSecret, tokenReader }: Required<TokenSource>,
  {
    region = process.env.AWS_REGION ?? '',
    caller = credentials(),
    send = fetch,
  }: AssumeOptions = {},
): Promise<AwsCredentials> {
  const { host, href, pathname: path } = endpointIn(region, 'sts');
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: tokenReader,
    // CloudTrail shows it: which function has read the token.
    RoleSessionName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'registrar',
    DurationSeconds: String(LIFETIME_SECONDS),
  }).toString();
  const { host: _, ...headers } = signedHeaders(
    {
      method: 'POST',
      path,
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    },
    { region, service: 'sts', credentials: caller },
  );
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await send(href, { method: 'POST', headers, body, signal });
    return parseCredentials(response.status, await response.text());
  } catch (error) {
    throw unavailable(error as Error, { tokenSecret, tokenReader });
  }
}

/** Parses the response of AWS's query protocol, which is XML. @throws AwsRefusedError */
function parseCredentials(status: number, xml: string): AwsCredentials {
  const text = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
  const accessKeyId = text('AccessKeyId');
  if (status === 200 && accessKeyId) {
    const [secretAccessKey, sessionToken] = [text('SecretAccessKey'), text('SessionToken')];
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  // The message names the caller and the role, and nothing to act on.
  throw new AwsRefusedError('AssumeRole', status, text('Code') || `HTTP ${status}`, '');
}

/** Translates a failure. The response is not quoted, because it may hold credentials. */
function unavailable(
  error: Error,
  { tokenSecret, tokenReader }: Required<TokenSource>,
): TokenUnavailableError {
  if (error instanceof AwsRefusedError && error.status >= 400 && !error.isTransient) {
    return new TokenUnavailableError(
      'denied',
      `Secret ${tokenSecret} may not be read: AWS does not let this function's role assume ${tokenReader} ` +
        `(${error.name}). Make sure that this role exists and trusts the function's role; look for a deny in the ` +
        "organization's policies.",
    );
  }
  // The error of `fetch` has the network's as its cause.
  const { code = error.name } = (error.cause ?? {}) as { code?: string };
  return new TokenUnavailableError(
    'unreachable',
    `Secret ${tokenSecret} could not be read: AWS STS fails, throttles, or does not answer (${code}). ` +
      'This usually resolves within minutes.',
  );
}
