import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { HostHandler } from '../network/local-network.ts';
import type { Network } from '../network/network.ts';
import { type Location, locationOf, REGION } from './account.ts';
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

/** One call of an API: its parameters, by AWS's names, who makes it, and the account and region it is about. */
export interface ServiceCall {
  // biome-ignore lint/suspicious/noExplicitAny: each operation checks the parameters that it reads
  readonly input: Readonly<Record<string, any>>;
  readonly caller: Caller;
  readonly location: Location;
}

export interface ApiOperation {
  /** The parameters that the sandbox supports. All others are refused. */
  readonly parameters: readonly string[];
  /** The ARN for which the caller needs the permission that is named after the operation. @default '*' */
  resource?(call: ServiceCall): string;
  /** Whether every caller may call it. */
  readonly needsNoPermission?: boolean;
  run(call: ServiceCall): object | Promise<object>;
}

/** Which API to serve, and where. */
export interface ServedApi {
  readonly network: Pick<Network, 'serve'>;
  readonly iam: Iam;
  /** The service's name in signatures, such as `monitoring`. */
  readonly service: string;
  /** The service's name in permissions. @default - as in signatures */
  readonly permissions?: string;
  readonly region: string;
  /** The HTTP status of a refusal for lack of a permission. @default 400 */
  readonly deniedStatus?: number;
  readonly operations: Readonly<Record<string, ApiOperation>>;
}

/** Serves an API of AWS's JSON protocol, in which a header names the operation. */
export function serveJsonRpc({
  contentType = 'application/x-amz-json-1.1',
  ...api
}: ServedApi & { contentType?: string }): void {
  const handle = jsonApi(contentType, async (request, body) => {
    const target = String(request.headers['x-amz-target']);
    const name = target.slice(target.indexOf('.') + 1);
    return { status: 200, body: await perform(api, name, JSON.parse(body || '{}'), request) };
  });
  api.network.serve(`${api.service}.${api.region}.amazonaws.com`, handle);
}

/** Performs an operation that the caller has the permission for. */
export async function perform(
  api: ServedApi,
  name: string,
  input: ServiceCall['input'],
  request: IncomingMessage,
): Promise<object> {
  const { iam, service, permissions = service, region, operations, deniedStatus = 400 } = api;
  const caller = callerOf(request, iam, service, region);
  const operation = operations[name];
  if (!operation) {
    const message = `The sandbox's API of ${permissions} does not support ${name}`;
    throw new ServiceError('UnknownOperationException', message);
  }
  const unknown = Object.keys(input).filter((key) => !operation.parameters.includes(key));
  if (unknown.length > 0) {
    throw new ServiceError(
      'ValidationException',
      `The sandbox's ${name} does not support ${unknown}`,
    );
  }
  const location = { account: locationOf(caller.roleArn).account, region };
  const call = { input, caller, location };
  if (operation.needsNoPermission) return operation.run(call);
  const resource = operation.resource?.(call) ?? '*';
  const action = `${permissions}:${name}`;
  authorize(iam, caller, { action, resource, status: deniedStatus });
  return operation.run(call);
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
  // Whoever has credentials of a role here is a function's code.
  const context = { 'lambda:SourceFunctionArn': caller.arn };
  if (iam.allows(caller.roleArn, action, resource, context)) return;
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
