import type { IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent, RequestOptions } from 'node:https';
import type { Message } from '../ingress/message.ts';
import { type AwsCredentials, signedHeaders } from './sigv4.ts';

const { Agent, request } = process.getBuiltinModule('node:https');

/** How long one attempt may take; API Gateway waits for 30 s in all, the function for 10. */
const ATTEMPT_MS = 3000;
const ATTEMPTS = 2;

/** SQS answered, and the answer is no. */
export class AwsRefusedError extends Error {
  readonly status: number;

  constructor(status: number, type: string, message: string) {
    super(`SendMessage: SQS refused with ${status} ${type}: ${message}`);
    this.name = 'SqsRefused';
    this.status = status;
  }
}

export interface QueueOptions {
  /** @default - keeps connections */
  readonly agent?: HttpsAgent;
  /** @default 3000 */
  readonly attemptMs?: number;
}

/**
 * An SQS queue to send to, with the rights of this function.
 *
 * One signed request in place of the AWS SDK, which would be most of the front's cold start: see
 * `npm run cold-start`. The connection is kept for the next update.
 */
export class Queue {
  private readonly url: URL;
  private readonly agent: HttpsAgent;
  private readonly attemptMs: number;

  /** @param url `https://sqs.<region>.amazonaws.com/<account>/<name>.fifo` */
  constructor(
    url: string,
    { agent = new Agent({ keepAlive: true }), attemptMs = ATTEMPT_MS }: QueueOptions = {},
  ) {
    this.url = new URL(url);
    this.agent = agent;
    this.attemptMs = attemptMs;
  }

  /**
   * Resolves once SQS has the message. Sending one again does no harm: its deduplication id is the same.
   *
   * @throws SqsRefused, or what `node:https` throws
   */
  async send(message: Message): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(message);
      } catch (error) {
        // A connection that was kept may have been closed by the other side meanwhile.
        const isHopeless = error instanceof AwsRefusedError && error.status < 500;
        if (isHopeless || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async attempt(message: Message): Promise<void> {
    const body = JSON.stringify({ QueueUrl: this.url.href, ...message });
    const headers = {
      host: this.url.host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
    };
    const { status, text } = await post(
      {
        agent: this.agent,
        host: this.url.hostname,
        port: this.url.port || 443,
        headers: {
          ...signedHeaders(
            { method: 'POST', path: '/', headers, body },
            { region: regionOf(this.url), service: 'sqs', credentials: credentials() },
          ),
          'content-length': Buffer.byteLength(body),
        },
      },
      body,
      this.attemptMs,
    );
    if (status !== 200) throw refusal(status, text);
  }
}

function post(
  options: RequestOptions,
  body: string,
  attemptMs: number,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(attemptMs);
    const outgoing = request({ ...options, method: 'POST', path: '/', signal }, (response) => {
      read(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    outgoing.on('error', (error) =>
      reject(signal.aborted ? new Error(`SendMessage: no answer within ${attemptMs} ms`) : error),
    );
    outgoing.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

function refusal(status: number, text: string): AwsRefusedError {
  try {
    const { __type = '', message = '' } = JSON.parse(text);
    return new AwsRefusedError(status, __type.slice(__type.indexOf('#') + 1), message);
  } catch {
    return new AwsRefusedError(status, 'without a reason', 'the answer is not JSON');
  }
}

/** Read at every call: Lambda sets them before the code loads, and SnapStart or a test may later. */
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
