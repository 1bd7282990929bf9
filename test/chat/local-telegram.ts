import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { SQSEvent } from 'aws-lambda';
import type { Message } from '../../functions/aws/sqs.ts';
import { Environment } from '../../functions/contract.ts';
import type { WebhookRequest, WebhookResponse } from '../../functions/inbound/authenticate.ts';
import { enqueueRequest } from '../../functions/ingress/enqueue.ts';
import type { Handler, InvocationContext } from '../../functions/receiver/index.ts';
import { httpApiEvent, sha256 } from '../harness.ts';
import {
  type Bot,
  type DeliveryReport,
  fakeToken,
  ManualClock,
  type NetworkRequest,
  type NetworkResponse,
  Telegram,
} from '../sandbox/index.ts';

const SECRET = 'FAKE-webhook-secret-of-local-telegram';
const TOKEN_SECRET = 'telegram/test/bot-token';
const AWS_TARGET = 'secretsmanager.GetSecretValue';

/** The updates that a person may cause and that Telegram sends only on request. */
const ALLOWED_UPDATES = ['message_reaction', 'chat_member'];

/** How an update reaches the handler: in a request of the gateway, or in a batch of the queue. */
export type BotDelivery = 'direct' | 'queued';

/** How long one update may take, according to the context of the invocation. */
const TIME_MS = 25_000;

/**
 * A Telegram in this process that delivers to a handler in this process, and the one secret that a bot reads. The bot's
 * environment leads to it. There is one for all tests of a process, because a module of a bot is loaded once and may
 * keep what it has read.
 */
export class LocalTelegram {
  private static current: Promise<LocalTelegram> | undefined;
  readonly telegram: Telegram;
  readonly bot: Bot;
  private readonly root: string;
  private handler?: Handler;
  private delivery: BotDelivery = 'direct';

  static start(): Promise<LocalTelegram> {
    LocalTelegram.current ??= LocalTelegram.open();
    return LocalTelegram.current;
  }

  private static async open(): Promise<LocalTelegram> {
    let local: LocalTelegram | undefined;
    const server = createServer((request, response) => void local?.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const { port } = server.address() as AddressInfo;
    const telegram = await Telegram.start({
      clock: new ManualClock(),
      network: {
        serve: () => () => {},
        knows: () => true,
        request: async (_url, request) => {
          if (!local) throw new Error('The local Telegram has not started');
          return local.deliver(request);
        },
      },
    });
    local = new LocalTelegram(telegram, `http://127.0.0.1:${port}`);
    await local.setWebhook();
    return local;
  }

  private constructor(telegram: Telegram, root: string) {
    this.telegram = telegram;
    this.root = root;
    this.bot = telegram.createBot({
      token: fakeToken(),
      username: 'test_bot',
      firstName: 'Test bot',
    });
  }

  /**
   * Watches deliveries from now on. @returns a function that waits until the bot has handled all updates that are pending
   * when it is called, and throws if the bot failed
   */
  watch(): () => Promise<void> {
    const reports = new Map<number, DeliveryReport>();
    let wake = () => {};
    const stop = this.telegram.attempted.listen((report) => {
      reports.set(report.update.update_id, report);
      wake();
    });
    return async () => {
      const pending = this.bot.pending.inOrder();
      try {
        for (const waiting of pending) {
          while (!reports.has(waiting.update.update_id)) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          const problem = reports.get(waiting.update.update_id)?.problem;
          if (!problem) continue;
          // Otherwise it would keep the chat's later updates waiting, as Telegram does.
          this.bot.pending.remove(waiting);
          throw new Error(`The bot failed (${problem}): the log shows its error`);
        }
      } finally {
        stop();
      }
    };
  }

  /** Sets which handler gets the updates, and how. */
  connect(handler: Handler, delivery: BotDelivery): void {
    this.handler = handler;
    this.delivery = delivery;
  }

  /** The environment that the stack gives a bot, leading here. */
  environment(): Record<string, string> {
    return {
      [Environment.webhookSecretSha256]: sha256(SECRET),
      [Environment.tokenSecret]: TOKEN_SECRET,
      [Environment.botInfo]: JSON.stringify(this.bot.user),
      [Environment.apiRoot]: this.root,
      [Environment.botId]: String(this.bot.id),
      [Environment.maxAttempts]: '8',
      [Environment.updateQueueUrl]: `${this.root}/queue`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: this.root,
    };
  }

  private async setWebhook(): Promise<void> {
    const response = await fetch(`${this.root}/bot${this.bot.token}/setWebhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        url: 'https://bot.example.com/webhook',
        secret_token: SECRET,
        allowed_updates: [...this.bot.webhook.allowedUpdates, ...ALLOWED_UPDATES],
      }),
    });
    if (!response.ok) throw new Error(`setWebhook: ${await response.text()}`);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['x-amz-target'] !== AWS_TARGET) {
      return this.telegram.handle(request, response);
    }
    await buffer(request);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ Name: TOKEN_SECRET, SecretString: this.bot.token }));
  }

  private async deliver({ headers, body }: NetworkRequest): Promise<NetworkResponse> {
    const { statusCode, ...response } = await this.handle({
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      body: body.toString(),
      isBase64Encoded: false,
    });
    return {
      status: statusCode,
      headers: response.headers ?? {},
      body: Buffer.from(response.body ?? ''),
    };
  }

  /** Hands a request to the handler. What it throws is the answer 500, as in Lambda. */
  private async handle(request: WebhookRequest): Promise<WebhookResponse> {
    const { handler } = this;
    if (!handler) return { statusCode: 503 };
    const end = Date.now() + TIME_MS;
    const context: InvocationContext = { getRemainingTimeInMillis: () => end - Date.now() };
    try {
      if (this.delivery === 'direct') {
        const { statusCode = 200, ...rest } = await handler(httpApiEvent(request), context);
        return { statusCode, ...rest } as WebhookResponse;
      }
      const messages: Message[] = [];
      const response = await enqueueRequest(request, {
        secretSha256: sha256(SECRET),
        botId: String(this.bot.id),
        queue: { send: async (message) => void messages.push(message) },
        log: (line) => console.error(line),
      });
      const { batchItemFailures } = await handler(batchOf(messages), context);
      return batchItemFailures.length > 0 ? { statusCode: 500 } : response;
    } catch (error) {
      console.error(error);
      return { statusCode: 500 };
    }
  }
}

/** Returns the batch in which the queue delivers messages for the first time. */
function batchOf(messages: readonly Message[]): SQSEvent {
  const Records = messages.map(({ MessageBody, MessageGroupId, MessageDeduplicationId }) => ({
    messageId: MessageDeduplicationId,
    receiptHandle: MessageDeduplicationId,
    body: MessageBody,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
      MessageGroupId,
      MessageDeduplicationId,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:test.fifo',
    awsRegion: 'us-east-1',
  }));
  return { Records };
}
