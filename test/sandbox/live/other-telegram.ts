import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../clock.ts';
import type { Bot, NewBot } from '../telegram/bot.ts';
import { Parameters } from '../telegram/parameters.ts';
import { Telegram } from '../telegram/telegram.ts';

const nowhere = {
  serve: () => () => {},
  knows: () => true,
  request: () => Promise.reject(new Error('The real Telegram delivers nothing here')),
};

/** A Telegram with one bot, on a port of this machine, for tests that take it for the real one. */
export class OtherTelegram {
  readonly telegram: Telegram;
  readonly bot: Bot;
  /** Path and query of every request, as it came. */
  readonly targets: string[] = [];
  private readonly server: Server;
  private isCut = false;
  private held: (() => void)[] | undefined;

  static async open(profile: NewBot, clock: Clock = systemClock): Promise<OtherTelegram> {
    const telegram = await Telegram.start({ network: nowhere, clock });
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtherTelegram(telegram, server, profile);
  }

  private constructor(telegram: Telegram, server: Server, profile: NewBot) {
    this.telegram = telegram;
    this.server = server;
    this.bot = telegram.createBot(profile);
    server.on('request', (request, response) => {
      this.targets.push(request.url ?? '');
      const handle = () => telegram.handle(request, response);
      if (this.isCut) request.destroy();
      else if (this.held && /\/send/i.test(request.url ?? '')) this.held.push(handle);
      else handle();
    });
  }

  get root(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, those in use too, until `mend`. */
  cut(): void {
    this.isCut = true;
    this.server.closeAllConnections();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Keeps messages of the bot from being handled until `release`. */
  hold(): void {
    this.held = [];
  }

  get holding(): number {
    return this.held?.length ?? 0;
  }

  release(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const handle of held) handle();
  }

  /** Forgets what `hold` has kept, and holds nothing more. */
  drop(): void {
    this.held = undefined;
  }

  /** Sets a webhook as another program does, whatever its host. */
  async setWebhook(url: string): Promise<void> {
    await this.bot.webhook.set(new Parameters(new Map([['url', url]])));
  }

  /** Returns the methods that were called, in order. */
  methods(): string[] {
    return this.telegram.calls.map(({ method }) => method);
  }

  /** Returns the ids of the updates that are not confirmed. */
  unconfirmed(): number[] {
    return this.bot.pending.inOrder().map(({ update }) => update.update_id);
  }

  async close(): Promise<void> {
    await this.telegram.close();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
