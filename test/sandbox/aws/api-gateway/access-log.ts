import { ACCOUNT } from '../account.ts';
import { apiId, commonLogTime } from './event.ts';
import type { GatewayRequest } from './request.ts';

/** What became of a request. */
export interface RequestOutcome {
  readonly status: number;
  readonly responseLength: number;
  /** Absent when no route took it. */
  readonly routeKey?: string;
  /** Why the integration failed. */
  readonly integrationError?: string;
  readonly integrationStatus?: number;
  readonly integrationLatency?: number;
}

/** Fills a stage's log format; a variable that is unknown or has no value becomes `-`. */
export function accessLogLine(
  format: string,
  request: GatewayRequest,
  fate: RequestOutcome,
): string {
  const variables = variablesOf(request, fate);
  return format.replaceAll(/\$context\.([\w.]+)/g, (_, name) => String(variables[name] ?? '-'));
}

function variablesOf(
  request: GatewayRequest,
  fate: RequestOutcome,
): Record<string, string | number | undefined> {
  const message = fate.integrationError && 'Internal Server Error';
  return {
    accountId: ACCOUNT,
    apiId: apiId(request),
    domainName: request.host,
    domainPrefix: apiId(request),
    'error.message': message,
    'error.messageString': message && `"${message}"`,
    extendedRequestId: request.id,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': request.headers['user-agent'],
    'integration.error': fate.integrationError,
    'integration.latency': fate.integrationLatency,
    'integration.status': fate.integrationStatus,
    integrationErrorMessage: fate.integrationError,
    integrationLatency: fate.integrationLatency,
    integrationStatus: fate.integrationStatus,
    path: request.path,
    protocol: request.protocol,
    requestId: request.id,
    requestTime: commonLogTime(request.received),
    requestTimeEpoch: request.received.getTime(),
    responseLatency: Date.now() - request.received.getTime(),
    responseLength: fate.responseLength,
    routeKey: fate.routeKey,
    stage: '$default',
    status: fate.status,
  };
}
