import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Network } from '../../network/network.ts';
import { arnOf, type Location, randomId } from '../account.ts';
import { toEvent } from '../api-gateway/event.ts';
import { readBody, understandRequest } from '../api-gateway/request.ts';
import { type HttpAnswer, sendAnswer, toHttpAnswer } from '../api-gateway/result.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import { ServiceError } from '../service-error.ts';
import type { LambdaService } from './lambda-service.ts';

interface FunctionUrl {
  readonly id: string;
  readonly url: string;
  readonly close: () => void;
}

/** The largest body that a function URL accepts, in bytes: that of a synchronous invocation. */
const BODY_LIMIT = 6_291_456;

/**
 * The URLs of functions, without authorization by IAM and without streaming: `https://<id>.lambda-url.<region>.on.aws/`.
 * They end with their functions.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export class FunctionUrls {
  private readonly network: Pick<Network, 'serve'>;
  private readonly lambda: Pick<LambdaService, 'configurationOf' | 'invokeByUrl'>;
  private readonly metrics: Metrics;
  /** By the ARN of the function. */
  private readonly urls = new Map<string, FunctionUrl>();

  constructor(options: {
    network: Pick<Network, 'serve'>;
    lambda: Pick<LambdaService, 'configurationOf' | 'invokeByUrl'>;
    metrics: Metrics;
  }) {
    this.network = options.network;
    this.lambda = options.lambda;
    this.metrics = options.metrics;
  }

  create(nameOrArn: string, location: Location): { url: string; functionArn: string } {
    const { name } = this.lambda.configurationOf(nameOrArn);
    const functionArn = arnOf('lambda', `function:${name}`, location);
    if (this.urls.has(functionArn)) {
      const message = `Failed to create function url config for [functionArn = ${functionArn}]. Error message: FunctionUrlConfig exists for this Lambda function`;
      throw new ServiceError('ResourceConflictException', message, 409);
    }
    const id = randomId(32);
    const host = `${id}.lambda-url.${location.region}.on.aws`;
    const url = `https://${host}/`;
    const close = this.network.serve(
      host,
      (request, response) => void this.handle(functionArn, request, response),
      { hasCertificate: true },
    );
    this.urls.set(functionArn, { id, url, close });
    return { url, functionArn };
  }

  urlOf(functionArn: string): string {
    return this.find(functionArn).url;
  }

  delete(functionArn: string): void {
    this.find(functionArn).close();
    this.urls.delete(functionArn);
  }

  /** Removes the URL of a deleted function, if it had one. */
  forget(functionArn: string): void {
    if (this.urls.has(functionArn)) this.delete(functionArn);
  }

  private find(functionArn: string): FunctionUrl {
    const url = this.urls.get(functionArn);
    if (url) return url;
    const message = 'The resource you requested does not exist.';
    throw new ServiceError('ResourceNotFoundException', message, 404);
  }

  private async handle(
    functionArn: string,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const started = Date.now();
    const body = await readBody(incoming, BODY_LIMIT);
    if (!body && !incoming.complete) return;
    const answer = body
      ? await this.invoke(functionArn, incoming, body)
      : failure(413, 'Request must be smaller than 6291456 bytes for the InvokeFunction operation');
    sendAnswer(response, answer);
    this.metrics.countUrlRequest(functionArn, answer.status, Date.now() - started);
  }

  private async invoke(
    functionArn: string,
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<HttpAnswer> {
    const request = understandRequest(incoming, body, { decodesPath: false });
    const apiId = this.urls.get(functionArn)?.id ?? '';
    const event = toEvent(request, { routeKey: '$default', apiId, account: 'anonymous' });
    try {
      const { functionError, payload } = await this.lambda.invokeByUrl(functionArn, event);
      if (!functionError) return toHttpAnswer(payload);
    } catch (error) {
      if (error instanceof ServiceError) return failure(error.status, error.message);
    }
    return { ...failure(502, ''), body: Buffer.from('Internal Server Error') };
  }
}

/** Returns an answer of Lambda itself. */
function failure(status: number, Message: string): HttpAnswer {
  return {
    status,
    headers: new Map([['content-type', 'application/json']]),
    body: Buffer.from(JSON.stringify({ Message })),
  };
}
