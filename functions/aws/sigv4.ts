import { hmac } from '@noble/hashes/hmac.js';
// Not node:crypto: loading it costs a cold start about 10 ms.
import { sha256 } from '@noble/hashes/sha2.js';

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
  readonly body: string;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
  readonly credentials: AwsCredentials;
  /** @default - now */
  readonly date?: Date;
}

/**
 * Adds the headers of AWS Signature Version 4 to those of a request.
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
  const key = [day, region, service, 'aws4_request'].reduce<Uint8Array>(
    (derived, part) => hmac(sha256, derived, bytes(part)),
    bytes(`AWS4${secretAccessKey}`),
  );
  const signature = hex(hmac(sha256, key, bytes(toSign)));
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}

function hash(text: string): string {
  return hex(sha256(bytes(text)));
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
