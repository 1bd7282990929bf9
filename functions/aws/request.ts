import type { IncomingMessage } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';
import { type AwsCredentials, signedHeaders } from './sigv4.ts';

const { request } = process.getBuiltinModule('node:https');

/** AWS answered and refused the request. */
export class AwsRefusedError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** AWS's name for the error: `AccessDeniedException`. */
  readonly type: string;

  constructor(action: string, status: number, type: string, message: string) {
    super(`${action}: AWS refused with ${status} ${type}: ${message}`);
    this.name = 'AwsRefusedError';
    this.status = status;
    this.type = type;
  }
}

export interface AwsRequest {
  /** The service's name in signatures: `sqs`. */
  readonly service: string;
  /** The service's origin: `https://sqs.<region>.amazonaws.com`. */
  readonly endpoint: URL;
  /** The target of the service's JSON protocol: `AmazonSQS.SendMessage`. */
  readonly target: string;
  readonly input: object;
  readonly agent: Agent;
  /** How long the request may take, from the connection to the last byte of the response. */
  readonly timeoutMs: number;
}

/**
 * Sends one signed request with this function's permissions. It stands in for the AWS SDK, whose loading
 * would be most of a cold start: see `npm run bench`. It does not retry.
 *
 * @returns the response's JSON
 * @throws AwsRefusedError when AWS refused, or the error of `node:https`
 */
export async function sendAwsRequest(awsRequest: AwsRequest): Promise<unknown> {
  const { service, endpoint, target, input, agent, timeoutMs } = awsRequest;
  const action = target.slice(target.indexOf('.') + 1);
  const body = JSON.stringify(input);
  const headers = {
    host: endpoint.host,
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
  };
  const { status, text } = await post(
    {
      agent,
      host: endpoint.hostname,
      port: endpoint.port || 443,
      headers: {
        ...signedHeaders(
          { method: 'POST', path: '/', headers, body },
          { region: regionOf(endpoint), service, credentials: credentials() },
        ),
        'content-length': Buffer.byteLength(body),
      },
    },
    body,
    { action, timeoutMs },
  );
  if (status !== 200) throw refusal(action, status, text);
  return JSON.parse(text || 'null');
}

function post(
  options: RequestOptions,
  body: string,
  { action, timeoutMs }: { action: string; timeoutMs: number },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request({ ...options, method: 'POST', path: '/', signal }, (response) => {
      read(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    outgoing.on('error', (error) =>
      reject(signal.aborted ? new Error(`${action}: no answer within ${timeoutMs} ms`) : error),
    );
    outgoing.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

function refusal(action: string, status: number, text: string): AwsRefusedError {
  try {
    const { __type = '', message = '' } = JSON.parse(text);
    return new AwsRefusedError(action, status, __type.slice(__type.indexOf('#') + 1), message);
  } catch {
    return new AwsRefusedError(action, status, 'UnknownError', 'the answer is not JSON');
  }
}

/** Returns Lambda's credentials. It reads them at every call, because tests set them after the code loads. */
function credentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN,
  };
}

function regionOf({ hostname }: URL): string {
  return process.env.AWS_REGION ?? hostname.split('.')[1] ?? '';
}
