import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly body: Buffer;
}

/** Returns an answer of the gateway itself. */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: new Map([['content-type', 'application/json']]),
    body: Buffer.from(JSON.stringify({ message })),
  };
}

export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...Object.fromEntries(headers as Map<string, string>),
    ...more,
    'content-length': body.length,
  });
  response.end(body);
}

/**
 * Converts a function's result (JSON) to an HTTP answer, by the rules of payload format 2.0.
 * Without a `statusCode`, the whole value is the body of a 200.
 *
 * @throws when the value has a `statusCode` but is not a valid answer
 */
export function toHttpAnswer(payload: string): HttpAnswer {
  const value = JSON.parse(payload);
  if (value === null || typeof value !== 'object' || value.statusCode === undefined) {
    return {
      status: 200,
      headers: new Map([['content-type', 'application/json']]),
      body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = value;
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw new Error(`statusCode must be 200 to 599, got ${statusCode}`);
  }
  if (typeof body !== 'string') throw new Error(`body must be a string, got ${typeof body}`);
  if (!Array.isArray(cookies)) throw new Error('cookies must be an array');
  const answered = new Map<string, string | readonly string[]>([
    ['content-type', 'text/plain;charset=UTF-8'],
    ...checkHeaders(headers),
  ]);
  if (cookies.length > 0) answered.set('set-cookie', cookies.map(String));
  return {
    status: statusCode,
    headers: answered,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function checkHeaders(headers: unknown): [string, string][] {
  if (headers === null || typeof headers !== 'object') throw new Error('headers must be an object');
  return Object.entries(headers).map(([name, value]) => {
    if (typeof value === 'object') throw new Error(`header ${name} must be a string`);
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return [name.toLowerCase(), String(value)];
  });
}
