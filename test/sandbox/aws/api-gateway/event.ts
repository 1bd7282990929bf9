import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT } from '../account.ts';
import type { GatewayRequest } from './request.ts';

/**
 * The content types whose bodies stay text. AWS documents that the others become base64, but not
 * which ones stay text; these were measured: https://github.com/ministackorg/ministack/pull/766. A
 * missing type and a form count as binary.
 */
const TEXT = /^(text\/.+|application\/(json|javascript|xml))$/;

export interface EventSource {
  readonly routeKey: string;
  /** The id of the HTTP API, or of the function URL. */
  readonly apiId: string;
  /** @default ACCOUNT */
  readonly account?: string;
}

/** Converts a request to Lambda's event, in payload format 2.0. */
export function toEvent(
  request: GatewayRequest,
  { routeKey, apiId, account = ACCOUNT }: EventSource,
): APIGatewayProxyEventV2 {
  const { headers, cookies, body } = request;
  const query = [...new URLSearchParams(request.query)];
  const isText = TEXT.test(String(headers['content-type']).split(';')[0]?.trim() ?? '');
  return {
    version: '2.0',
    routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies: [...cookies] }),
    headers: { ...headers },
    ...(query.length > 0 && { queryStringParameters: joinParameters(query) }),
    requestContext: {
      accountId: account,
      apiId,
      domainName: request.host,
      domainPrefix: domainPrefix(request),
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey,
      stage: '$default',
      time: commonLogTime(request.received),
      timeEpoch: request.received.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

export function domainPrefix(request: GatewayRequest): string {
  return request.host.split('.')[0] ?? '';
}

/** Formats a time as in `12/Mar/2020:19:03:58 +0000`. */
export function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(/,? /);
  return `${day}/${month}/${year}:${clock} +0000`;
}

function joinParameters(query: readonly [string, string][]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of query) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}
