import { Readable } from 'node:stream';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsCredentials } from '../../functions/aws/sigv4.ts';
import { readBotToken } from '../../functions/bot-token/read.ts';
import type { WatchRound } from '../../functions/contract.ts';
import type { ResourceEvent } from '../../functions/registrar/event.ts';
import { handleEvent } from '../../functions/registrar/handler.ts';
import { idempotent } from '../../functions/registrar/idempotency.ts';
import type { RetryClock } from '../../functions/registrar/retry/retry.ts';
import { getSecretFrom } from '../../functions/registrar/secret-with-sdk.ts';
import type { Services } from '../../functions/registrar/services.ts';
import { type AssumeOptions, assumeReader } from '../../functions/registrar/token-reader.ts';
import { handleRound } from '../../functions/registrar/watch/round.ts';
import type { WatchServices } from '../../functions/registrar/watch/watch.ts';
import type { postUpdate } from '../../functions/registrar/webhook/probe.ts';
import { type Credentials, REGION } from '../sandbox/index.ts';
import type { Code, FunctionContext } from './lambda.ts';
import type { InProcessNetwork } from './network.ts';

/** Real milliseconds before the client gives up on a response that a fault withholds. Others come faster. */
const TIMEOUT_MS = 2000;

export interface RegistrarOptions {
  readonly network: InProcessNetwork;
  readonly credentials: Credentials;
  readonly clock: RetryClock;
  readonly botApi: Services['botApi'];
  readonly invoke: Services['invoke'];
  readonly describeStack: Services['describeStack'];
  /** Called with each token that was read, and the event it was read for. */
  readonly onToken: (
    token: string,
    event: Pick<ResourceEvent, 'StackId' | 'ResourceProperties'>,
  ) => void;
}

/** Returns the registrar's own code, with another clock and another network. */
export function registrar({ log }: FunctionContext, options: RegistrarOptions): Code {
  const { network, clock, botApi, invoke, describeStack, onToken } = options;
  const services = (
    event: Pick<ResourceEvent, 'StackId' | 'ResourceProperties'>,
  ): WatchServices => ({
    async readToken({ tokenSecret, tokenReader }) {
      const reader =
        tokenReader && (await assumeReader({ tokenSecret, tokenReader }, assumeOptions(options)));
      const client = secretsManager(network, reader || options.credentials);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const token = await readBotToken(
        tokenSecret,
        (id, _region, ending) => getSecretFrom(client, id, ending),
        { signal, region: REGION },
      );
      onToken(token, event);
      return token;
    },
    botApi,
    post: probeThrough(network),
    invoke,
    describeStack,
    getObject: () => Promise.reject(new Error('No bot of the matrix has a photo')),
    rations: new Map(),
    clock,
    log,
    writeMetric: (line) => log.info(JSON.parse(line)),
  });
  const handle = idempotent((event: ResourceEvent, timeLeftMs: number) =>
    handleEvent(event, timeLeftMs, services(event)),
  );
  return async (event, timeLeftMs) => {
    const { RequestType } = event as ResourceEvent | WatchRound;
    if (RequestType !== 'WatchRound') return handle(event as ResourceEvent, timeLeftMs);
    const round = event as WatchRound;
    await Promise.all(
      round.Checks.map((check) => {
        const ResourceProperties = { ...check.ResourceProperties };
        const ofBot = services({ ...check, ResourceProperties });
        return handleRound({ ...round, Checks: [check] }, timeLeftMs, ofBot);
      }),
    );
    return undefined;
  };
}

/** Returns a `postUpdate` that sends through this network. */
function probeThrough(network: InProcessNetwork): typeof postUpdate {
  return async ({ url, secret }, update) => {
    const headers = {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': secret,
    };
    const body = Buffer.from(JSON.stringify(update));
    const { status } = await network.send(url, { method: 'POST', headers, body }, 'probe');
    return status;
  };
}

interface HttpRequest {
  readonly hostname: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Returns how a token's reader is assumed through this network. */
function assumeOptions({ network, credentials }: RegistrarOptions): AssumeOptions {
  return {
    region: REGION,
    caller: credentials,
    async send(url, { body, headers }) {
      const request = { method: 'POST', headers, body: Buffer.from(body) } as const;
      const { status, body: xml } = await network.send(new URL(url), request, 'function');
      return new Response(xml.toString(), { status });
    },
  };
}

/** Returns AWS's own client, limited to one attempt, because its delays between attempts would be real. */
function secretsManager(
  network: InProcessNetwork,
  credentials: AwsCredentials,
): SecretsManagerClient {
  return new SecretsManagerClient({
    region: REGION,
    credentials,
    maxAttempts: 1,
    requestHandler: {
      async handle({ hostname, method, headers, body }: HttpRequest) {
        const url = new URL(`https://${hostname}/`);
        const sent = { method, headers, body: Buffer.concat([body]) };
        const response = await network.send(url, sent, 'function');
        return {
          response: {
            statusCode: response.status,
            headers: response.headers as Record<string, string>,
            body: Readable.from([response.body]),
          },
        };
      },
    },
  });
}
