import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { randomId } from '../account.ts';

/** A request as the gateway interprets it. */
export interface GatewayRequest {
  readonly id: string;
  readonly received: Date;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly protocol: string;
  readonly host: string;
  readonly sourceIp: string;
  /** Names are in lower case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Headers that apply to one connection only, so the function does not get them. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
/** The largest body that an HTTP API accepts, in bytes. */
const BODY_LIMIT = 10 * 1024 * 1024;

/**
 * Reads the body. Returns `undefined` when the client disconnected or the body is over the limit;
 * `request.complete` is true in the second case only.
 */
export async function readBody(
  request: IncomingMessage,
  limit = BODY_LIMIT,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}

/**
 * @param options.basePath is left out of the path, which begins with it
 * @param options.decodesPath whether the path is decoded, as HTTP APIs do and function URLs do not
 */
export function understandRequest(
  request: IncomingMessage,
  body: Buffer,
  { basePath = '', decodesPath = true }: { basePath?: string; decodesPath?: boolean } = {},
): GatewayRequest {
  const [url = '/', ...query] = String(request.url).split('?');
  const path = url.slice(basePath.length) || '/';
  const { cookie, ...headers } = joinHeaders(request.rawHeaders);
  const sourceIp = String(request.socket.remoteAddress);
  const received = new Date();
  return {
    id: randomBytes(11).toString('base64'),
    received,
    method: String(request.method),
    path: decodesPath ? decodePath(path) : path,
    query: query.join('?'),
    protocol: `HTTP/${request.httpVersion}`,
    host: String(headers.host),
    sourceIp,
    headers: {
      ...headers,
      'x-amzn-trace-id': traceId(received),
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    cookies: cookie ? cookie.split(/;\s*/) : [],
    body,
  };
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = String(raw[index]).toLowerCase();
    const value = String(raw[index + 1]);
    if (HOP_BY_HOP.includes(name)) continue;
    const separator = name === 'cookie' ? '; ' : ',';
    headers[name] = name in headers ? headers[name] + separator + value : value;
  }
  return headers;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function traceId(time: Date): string {
  const seconds = Math.floor(time.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomId(24, '0123456789abcdef')}`;
}
