import { ACCOUNT } from '../account.ts';
import { commonLogTime, domainPrefix } from './event.ts';
import type { GatewayRequest } from './request.ts';

/** The outcome of a request. */
export interface RequestOutcome {
  readonly status: number;
  readonly responseLength: number;
  /** Absent when no route matched. */
  readonly routeKey?: string;
  /** Why the integration failed. */
  readonly integrationError?: string;
  readonly integrationStatus?: number;
  readonly integrationLatency?: number;
}

/** Fills in a stage's log format. A variable that is unknown or has no value becomes `-`. */
export function accessLogLine(
  format: string,
  request: GatewayRequest,
  outcome: RequestOutcome,
  { apiId, account = ACCOUNT }: { apiId: string; account?: string },
): string {
  const variables: Record<string, string | number | undefined> = {
    ...variablesOf(request, outcome),
    apiId,
    accountId: account,
  };
  return format.replaceAll(/\$context\.([\w.]+)/g, (_, name) => String(variables[name] ?? '-'));
}

function variablesOf(
  request: GatewayRequest,
  outcome: RequestOutcome,
): Record<string, string | number | undefined> {
  const message = outcome.integrationError && 'Internal Server Error';
  return {
    domainName: request.host,
    domainPrefix: domainPrefix(request),
    'error.message': message,
    'error.messageString': message && `"${message}"`,
    extendedRequestId: request.id,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': request.headers['user-agent'],
    'integration.error': outcome.integrationError,
    'integration.latency': outcome.integrationLatency,
    'integration.status': outcome.integrationStatus,
    integrationErrorMessage: outcome.integrationError,
    integrationLatency: outcome.integrationLatency,
    integrationStatus: outcome.integrationStatus,
    path: request.path,
    protocol: request.protocol,
    requestId: request.id,
    requestTime: commonLogTime(request.received),
    requestTimeEpoch: request.received.getTime(),
    responseLatency: Date.now() - request.received.getTime(),
    responseLength: outcome.responseLength,
    routeKey: outcome.routeKey,
    stage: '$default',
    status: outcome.status,
  };
}
