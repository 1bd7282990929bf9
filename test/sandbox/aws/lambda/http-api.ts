import type { IncomingMessage } from 'node:http';
import type { LocalNetwork } from '../../network/local-network.ts';
import { arnOf, type Location, locationOf, REGION } from '../account.ts';
import type { Iam } from '../iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from '../json-api.ts';
import { ServiceError } from '../service-error.ts';
import type { Lambda } from './lambda.ts';

const PATH = /^\/2015-03-31\/functions\/([^/?]+)(\/invocations)?(?:\?Qualifier=(.+))?$/;

/**
 * Serves Lambda's public API as far as functions call it: Invoke and GetFunction, with the
 * permissions of the caller's role.
 */
export function serveLambdaApi(
  options: { network: Pick<LocalNetwork, 'serve'>; iam: Iam; lambda: Lambda },
  region = REGION,
): void {
  const { network, iam, lambda } = options;
  network.serve(
    `lambda.${region}.amazonaws.com`,
    jsonApi('application/json', async (request, body) => {
      const operation = operationOf(request);
      const caller = callerOf(request, iam, 'lambda', region);
      const { action } = operation;
      const { account } = locationOf(caller.roleArn);
      const target = resourceOf(operation.target, { account, region });
      authorize(iam, caller, { action, resource: target, status: 403 });
      if (action === 'lambda:GetFunction') return describe(lambda, target);
      const answer = await invoke(lambda, target, body);
      if (lambda.breaksConnection?.(target)) request.socket.destroy();
      return answer;
    }),
  );
}

function operationOf(request: IncomingMessage): { action: string; target: string } {
  const [, encoded = '', invocations, qualifier] = PATH.exec(String(request.url)) ?? [];
  const target =
    decodeURIComponent(encoded) + (qualifier ? `:${decodeURIComponent(qualifier)}` : '');
  if (request.method === 'GET' && encoded && !invocations) {
    return { action: 'lambda:GetFunction', target };
  }
  if (request.method === 'POST' && invocations) {
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'RequestResponse' && !request.headers['x-amz-log-type']) {
      return { action: 'lambda:InvokeFunction', target };
    }
  }
  throw new ServiceError(
    'UnknownOperationException',
    `The sandbox's Lambda API supports only GetFunction and a plain Invoke, got ${request.method} ${request.url}`,
    404,
  );
}

async function invoke(lambda: Lambda, target: string, body: string): Promise<JsonApiAnswer> {
  const payload = body || '{}';
  try {
    JSON.parse(payload);
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', message);
  }
  const invocation = await lambda.invokeJson(target, payload);
  return {
    status: 200,
    headers: {
      'x-amz-executed-version': '$LATEST',
      ...(invocation.functionError && { 'x-amz-function-error': invocation.functionError }),
    },
    body: invocation.payload,
  };
}

function describe(lambda: Lambda, target: string): JsonApiAnswer {
  const { name, location, roleArn, runtime, handler, timeout, memorySize } =
    lambda.configurationOf(target);
  const Configuration = {
    FunctionName: name,
    FunctionArn: arnOf('lambda', `function:${name}`, location),
    Role: roleArn,
    Runtime: runtime,
    Handler: handler,
    Timeout: timeout,
    MemorySize: memorySize,
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
  return { status: 200, body: { Configuration } };
}

/** Returns the resource that a policy must allow: the ARN, with the qualifier if the request has one. */
function resourceOf(target: string, location: Location): string {
  return target.startsWith('arn:') ? target : arnOf('lambda', `function:${target}`, location);
}
