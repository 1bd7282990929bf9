// Not imported, and only loaded by functions that sign requests: it costs a cold start about 10 ms.
const { createHash, createHmac } = process.getBuiltinModule('node:crypto');

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignableRequest {
  readonly method: string;
  /** The path, without a query and without characters that need encoding. */
  readonly path: string;
  /** Keys are lower-case; `host` must be among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
  readonly credentials: AwsCredentials;
  /** @default - now */
  readonly date?: Date;
}

/**
 * Returns the headers of a request together with those of AWS Signature Version 4.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(
  { method, path, headers, body }: SignableRequest,
  { region, service, credentials, date = new Date() }: SigningScope,
): Record<string, string> {
  const time = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const all: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).sort();
  const signed = names.join(';');
  const canonical = [
    method,
    path,
    '',
    ...names.map((name) => `${name}:${all[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    hash(body),
  ].join('\n');

  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const key = signingKey(secretAccessKey, [day, region, service, 'aws4_request']);
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}

/** The key of the last request, which changes with the day, and with the credentials that Lambda renews. */
let lastKey: { readonly secret: string; readonly scope: string; readonly key: Buffer } | undefined;

function signingKey(secret: string, parts: readonly string[]): Buffer {
  const scope = parts.join('/');
  if (lastKey?.secret === secret && lastKey.scope === scope) return lastKey.key;
  const key = parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
  lastKey = { secret, scope, key };
  return key;
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function hash(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
