import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Update } from '@grammyjs/types';
import { ManualClock, settle } from '../clock.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../network/network.ts';
import type { Bot } from './bot.ts';
import type { BotApiAnswer } from './bot-api-error.ts';
import { fakeToken } from './fake-token.ts';
import { Parameters } from './parameters.ts';
import { Telegram } from './telegram.ts';
import type { NewUpdate } from './update-types.ts';

export const WEBHOOK_HOST = 'bot.example.com';
export const WEBHOOK_URL = `https://${WEBHOOK_HOST}/hook?a=1`;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The sandbox's network without TLS: real sockets, and one plain HTTP server for all hosts. */
export class PlainNetwork implements Network {
  private readonly handlers = new Map<string, Handler>();
  private readonly server: Server;
  readonly requests: { url: URL; options: NetworkRequest }[] = [];

  private constructor(server: Server) {
    this.server = server;
    server.on('request', (incoming, response) => {
      this.handlers.get(incoming.headers.host ?? '')?.(incoming, response);
    });
  }

  static async open(): Promise<PlainNetwork> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PlainNetwork(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  serve(host: string, handler: Handler): () => void {
    this.handlers.set(host, handler);
    return () => this.handlers.delete(host);
  }

  knows(host: string): boolean {
    return this.handlers.has(host);
  }

  request(url: URL, options: NetworkRequest): Promise<NetworkResponse> {
    this.requests.push({ url, options });
    return this.send({ ...options, path: url.pathname + url.search });
  }

  async send(options: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: Buffer | string;
    signal?: AbortSignal;
  }): Promise<NetworkResponse> {
    const { body, ...rest } = options;
    const outgoing = request({ ...rest, host: '127.0.0.1', port: this.port, agent: false });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await buffer(response),
    };
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly answer: BotApiAnswer;
}

/** Telegram with one bot, a clock that stands still, and a client that can send raw requests. */
export class TelegramFixture {
  readonly token = fakeToken();
  readonly clock = new ManualClock();
  readonly network: PlainNetwork;
  readonly telegram: Telegram;
  readonly bot: Bot;

  private constructor(network: PlainNetwork, telegram: Telegram, clock: ManualClock) {
    this.network = network;
    this.telegram = telegram;
    this.clock = clock;
    this.bot = telegram.createBot({ token: this.token, username: 'kit_bot', firstName: 'Kit' });
  }

  static async open(): Promise<TelegramFixture> {
    const network = await PlainNetwork.open();
    const clock = new ManualClock();
    const telegram = await Telegram.start({ network, clock, random: () => 0.5 });
    return new TelegramFixture(network, telegram, clock);
  }

  async request(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
  ): Promise<ApiAnswer> {
    const { method = 'POST', headers = {}, body = '' } = options;
    const response = await this.network.send({
      method,
      path,
      headers: {
        host: 'api.telegram.org',
        ...headers,
        'content-length': String(Buffer.byteLength(body)),
      },
      body,
    });
    const text = response.body.toString();
    return { ...response, answer: text.startsWith('{') ? JSON.parse(text) : undefined };
  }

  /** Calls a method with JSON parameters. */
  async call(method: string, parameters: object = {}, token = this.token): Promise<ApiAnswer> {
    return this.request(`/bot${token}/${method}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
    });
  }

  /** Calls a method with a multipart form of parameters and files. */
  async upload(method: string, fields: Record<string, string | Buffer>): Promise<ApiAnswer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string') form.set(name, value);
      else form.set(name, new Blob([new Uint8Array(value)]), 'file.pem');
    }
    const encoded = new Response(form);
    return this.request(`/bot${this.token}/${method}`, {
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      body: Buffer.from(await encoded.arrayBuffer()),
    });
  }

  /** Serves the Bot API at an address of this machine too, for libraries; they take it as their API root. */
  serveLocally(): string {
    const host = `127.0.0.1:${this.network.port}`;
    this.network.serve(host, (request, response) => this.telegram.handle(request, response));
    return `http://${host}`;
  }

  /** Delivers updates to the handler of a bot library, through the webhook. */
  async connect(handler: Handler, settings: object = {}): Promise<void> {
    this.network.serve(WEBHOOK_HOST, handler);
    await this.setWebhook(settings);
  }

  /** Calls setWebhook a second after the last call: Telegram allows one a second. */
  async setWebhook(parameters: object = {}): Promise<ApiAnswer> {
    await this.clock.advance(1000);
    return this.call('setWebhook', { url: WEBHOOK_URL, ...parameters });
  }

  async info(): Promise<Record<string, unknown>> {
    const { answer } = await this.call('getWebhookInfo');
    if (!answer.ok) throw new Error(answer.description);
    return answer.result as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.telegram.close();
    await this.network.close();
  }
}

/** An update that was sent to the endpoint, with the means to answer it. */
export interface Arrival {
  readonly update: Update;
  readonly url: URL;
  readonly options: NetworkRequest;
  answer(status: number, reply?: { headers?: IncomingHttpHeaders; body?: string | Buffer }): void;
  fail(code: string): void;
}

/** A network of one endpoint that answers when the test says so, without sockets. */
export class ScriptedNetwork implements Network {
  readonly arrivals: Arrival[] = [];
  /** Handles every arrival as it comes, in place of `next`. */
  automatic: ((arrival: Arrival) => void) | undefined;

  serve(): () => void {
    return () => {};
  }

  knows(): boolean {
    return true;
  }

  request(url: URL, options: NetworkRequest): Promise<NetworkResponse> {
    return new Promise((resolve, reject) => {
      options.signal.addEventListener('abort', () => reject(options.signal.reason));
      const arrival: Arrival = {
        update: JSON.parse(options.body.toString()),
        url,
        options,
        answer: (status, { headers = {}, body = '' } = {}) => {
          resolve({ status, headers, body: Buffer.from(body) });
        },
        fail: (code) => reject(Object.assign(new Error(code), { code })),
      };
      if (this.automatic) this.automatic(arrival);
      else this.arrivals.push(arrival);
    });
  }

  /** Returns the next arrival that no earlier call has returned; throws when there is none. */
  async next(): Promise<Arrival> {
    await settle();
    const arrival = this.arrivals.shift();
    if (!arrival) throw new Error('No update was delivered');
    return arrival;
  }

  async nothingMore(): Promise<boolean> {
    await settle();
    return this.arrivals.length === 0;
  }
}

/** Telegram with one bot, a clock that stands still, and an endpoint that the test plays. */
export class DeliveryStage {
  readonly clock: ManualClock;
  readonly network: ScriptedNetwork;
  readonly telegram: Telegram;
  readonly bot: Bot;

  static async open(): Promise<DeliveryStage> {
    const clock = new ManualClock();
    const network = new ScriptedNetwork();
    const telegram = await Telegram.start({ network, clock, random: () => 0.5 });
    return new DeliveryStage(clock, network, telegram);
  }

  private constructor(clock: ManualClock, network: ScriptedNetwork, telegram: Telegram) {
    this.clock = clock;
    this.network = network;
    this.telegram = telegram;
    this.bot = telegram.createBot({ token: fakeToken(), username: 'kit_bot', firstName: 'Kit' });
  }

  /** Sets the webhook a second after the last call: Telegram allows one a second. */
  async setWebhook(settings: Record<string, string> = {}, certificate?: Buffer): Promise<void> {
    await this.clock.advance(1000);
    const texts = new Map(Object.entries({ url: WEBHOOK_URL, ...settings }));
    const files = new Map(certificate ? [['certificate', { content: certificate }]] : []);
    await this.bot.webhook.set(new Parameters(texts, files));
  }

  deliver(update: NewUpdate): number | undefined {
    return this.telegram.deliver(this.bot.id, update);
  }

  lastError(): string | undefined {
    return this.telegram.webhook(this.bot.id)?.lastError?.message;
  }

  pending(): number {
    return this.bot.pending.size;
  }

  close(): Promise<void> {
    return this.telegram.close();
  }
}

/** Returns a message in a group, where a bot may write without having been written to. */
export function messageIn(chatId: number, text: string): NewUpdate {
  return {
    message: {
      message_id: 1,
      from: { id: chatId, is_bot: false, first_name: 'Ada' },
      chat: { id: chatId, type: 'group', title: 'Group' },
      date: 0,
      text,
    },
  };
}
