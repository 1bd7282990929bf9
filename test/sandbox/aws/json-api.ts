import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { HostHandler } from '../network/local-network.ts';
import { REGION } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { ServiceError } from './service-error.ts';

export interface JsonApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | object;
}

/**
 * Serves the API of one AWS service: reads the body, and writes the answer or the error as AWS does.
 */
export function jsonApi(
  contentType: string,
  handle: (request: IncomingMessage, body: string) => Promise<JsonApiAnswer> | JsonApiAnswer,
): HostHandler {
  return async (request, response) => {
    let answer: JsonApiAnswer;
    try {
      answer = await handle(request, (await buffer(request)).toString());
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      answer = refusal(error);
    }
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': contentType, ...answer.headers });
    response.end(body);
  };
}

/** Returns who signed the request. Looks up the credentials, but does not verify the signature. */
export function callerOf(
  request: IncomingMessage,
  iam: Iam,
  service: string,
  serviceRegion = REGION,
): Caller {
  const { authorization = '', 'x-amz-security-token': token } = request.headers;
  const scope = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/.exec(
    authorization,
  );
  if (!scope) {
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const [, accessKeyId = '', region, signedService] = scope;
  if (region !== serviceRegion || signedService !== service) {
    const message = `Credential should be scoped to ${serviceRegion}/${service}.`;
    throw new ServiceError('InvalidSignatureException', message);
  }
  const caller = iam.caller(accessKeyId, String(token));
  if (caller) return caller;
  const message = 'The security token included in the request is invalid.';
  throw new ServiceError('UnrecognizedClientException', message);
}

/** Checks a permission. @throws AWS's AccessDeniedException when the caller's role does not grant it */
export function authorize(
  iam: Iam,
  caller: Caller,
  request: { action: string; resource: string; status: number },
): void {
  const { action, resource, status } = request;
  if (iam.allows(caller.roleArn, action, resource)) return;
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no identity-based policy allows the ${action} action`,
    status,
  );
}

function refusal(error: unknown): JsonApiAnswer {
  const { code, message, status } =
    error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error), 500);
  // AWS's two JSON protocols name the error in the body and in a header.
  const headers = { 'x-amzn-errortype': code };
  return { status, headers, body: { __type: code, Message: message, message } };
}
