import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { StackState } from '../cloudformation/stack.ts';
import { Signal } from '../signal.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import type { BotQueue, LocalBot } from '../terminal/bots.ts';
import { newQueue } from '../terminal/fixtures.ts';
import { People } from '../terminal/people.ts';
import type { TimelineEntry } from '../timeline/entries.ts';
import type { Assets } from './assets.ts';
import type { Page } from './page.ts';
import type { Action, ActionResult, PageEvent, PageState } from './protocol.ts';
import { PageServer } from './server.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface PageStageOptions {
  readonly queued?: boolean;
  readonly watched?: boolean;
  readonly mode?: PageState['mode'];
  readonly assets?: Assets;
}

const ALLOWED = ['message', 'edited_message', 'callback_query', 'my_chat_member', 'poll_answer'];

/** A page of one bot, on a Telegram whose clock stands still and with an endpoint that the test plays. */
export class PageStage {
  readonly stage: DeliveryStage;
  readonly people: People;
  readonly queue: BotQueue;
  readonly changed = new Signal<TimelineEntry>();
  readonly handled = new Signal<BatchReport>();
  /** The value of the secret. */
  storedToken: string;
  /** The arguments of each `markOrigin`. */
  readonly origins: unknown[] = [];
  /** The answer of the watch, which fails without one. */
  condition = 'healthy';
  /** The watch answers after this. */
  answering: Promise<void> | undefined;
  /** When the watch was run. */
  readonly watched: number[] = [];
  /** How often the watch was asked. */
  asked = 0;
  private started: PageServer | undefined;
  private readonly readers: EventReader[] = [];

  static async open(options: PageStageOptions = {}): Promise<PageStage> {
    const stage = await DeliveryStage.open();
    await stage.setWebhook({ allowed_updates: JSON.stringify(ALLOWED) });
    const opened = new PageStage(stage);
    opened.started = await opened.start(options);
    return opened;
  }

  private constructor(stage: DeliveryStage) {
    this.stage = stage;
    this.people = new People(stage.telegram);
    this.queue = newQueue(stage);
    this.storedToken = stage.bot.token;
  }

  get page(): Page {
    return this.server.page;
  }

  get server(): PageServer {
    return this.started as PageServer;
  }

  /** The private chat with the first person. */
  get placeId(): string {
    return `${this.stage.bot.id}.1001.1001`;
  }

  /** Sends a request as it is to a path below the page's URL, or to an absolute one. */
  async request(path: string, options: PageRequest = {}): Promise<Reply> {
    const { method = 'GET', headers, body } = options;
    const outgoing = request(new URL(path, this.server.url), { method, headers, agent: false });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: (await buffer(response)).toString('latin1'),
    };
  }

  async act(action: Action | object): Promise<ActionResult> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(action);
    const reply = await this.request('actions', { method: 'POST', headers, body });
    return JSON.parse(Buffer.from(reply.body, 'latin1').toString());
  }

  /** Connects a page. */
  async connect(): Promise<EventReader> {
    const reader = await EventReader.connect(this.server.url);
    this.readers.push(reader);
    return reader;
  }

  /** Lets the endpoint answer every delivery: with a call of the Bot API, or with 500 for `undefined`. */
  reply(answer: (arrival: Arrival) => object | undefined): void {
    this.stage.network.automatic = (arrival) => {
      const headers = { 'content-type': 'application/json' };
      const call = answer(arrival);
      if (call) arrival.answer(200, { headers, body: JSON.stringify(call) });
      else arrival.answer(500);
    };
  }

  async close(): Promise<void> {
    for (const reader of this.readers) reader.close();
    await this.server.close();
    await this.stage.close();
  }

  private start({
    queued,
    watched = true,
    mode = 'local',
    assets,
  }: PageStageOptions): Promise<PageServer> {
    const { stage, people, queue, changed } = this;
    const { telegram, bot, clock, network } = stage;
    const local: LocalBot = {
      ...{ bot, path: 'Kit/Bot', logGroups: [], ...(queued && { queue }) },
      ...(watched && {
        diagnose: async () => {
          this.asked++;
          const { condition } = this;
          if (!condition) throw new Error('The registrar failed');
          await this.answering;
          return { condition, cause: 'A cause.', fix: 'A fix.' };
        },
        runWatch: async (now) => void this.watched.push(now),
      }),
    };
    const stack = {
      ...{ name: 'Kit', status: 'CREATE_COMPLETE', outputs: { Link: 'https://t.me/kit_bot' } },
      ...{ stackId: '', updatedAt: 0, resources: new Map() },
    } satisfies StackState;
    return PageServer.start({
      sandbox: {
        ...{ clock, network, telegram },
        storedTokenOf: () => this.storedToken,
        storeTokenOf: () => {
          this.storedToken = bot.token;
        },
        aws: {
          eventSources: { handled: this.handled },
          sqs: {
            redrive: () => {
              queue.deadLetters?.queue.moveTo(queue.updates);
              return {} as never;
            },
          },
        },
      },
      staging: { people, states: [stack], findLocalBots: () => [local] },
      timeline: { entries: [], changed, markOrigin: (...marked) => this.origins.push(marked) },
      ...(mode === 'live' && { real: { botId: bot.id, apiRoot: 'https://api.telegram.org' } }),
      assets,
    });
  }
}

/** A connected page. */
export class EventReader {
  private readonly response: IncomingMessage;
  private readonly waiting: PageEvent[] = [];
  private wake = () => {};

  static async connect(url: string): Promise<EventReader> {
    const outgoing = request(new URL('events', url), { agent: false });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new EventReader(response);
  }

  /** Comments of the stream, in order. */
  readonly comments: string[] = [];
  readonly ended: Promise<void>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        if (part.startsWith(':')) this.comments.push(part);
        else this.waiting.push(JSON.parse(part.replace(/^data: /, '')));
      }
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      response.on('error', () => {});
      response.once('close', resolve);
    });
  }

  get type(): string | undefined {
    return this.response.headers['content-type'];
  }

  /** Resolves with the next event of this type that fits, and forgets those before it. */
  async next<T extends PageEvent['type']>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    for (;;) {
      for (let event = this.waiting.shift(); event; event = this.waiting.shift()) {
        if (event.type === type && fits(event as EventOf<T>)) return event as EventOf<T>;
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Stops reading. */
  pause(): void {
    this.response.pause();
  }

  close(): void {
    this.response.destroy();
  }
}

type EventOf<T extends PageEvent['type']> = Extract<PageEvent, { readonly type: T }>;
