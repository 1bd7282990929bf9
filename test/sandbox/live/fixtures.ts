import { expect, onTestFinished } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { ManualClock } from '../clock.ts';
import { Signal } from '../signal.ts';
import type { Chat } from '../telegram/chat.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import type { Person } from '../telegram/person/person.ts';
import type { BotQueue } from '../terminal/bots.ts';
import { newQueue } from '../terminal/fixtures.ts';
import { CallBridge } from './call-bridge.ts';
import { LiveSession } from './live-session.ts';
import { OtherTelegram } from './other-telegram.ts';
import { RealBotApi } from './real-bot-api.ts';

/** Against hanging alone. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 60_000 });

/** A live session whose endpoint the test plays, and whose clocks stand still. */
export class LiveStage {
  readonly stage: DeliveryStage;
  /** Of the session alone, so that time passes for it and not for the deliveries. */
  readonly clock = new ManualClock();
  readonly real: OtherTelegram;
  readonly queue: BotQueue;
  readonly printed: string[] = [];
  readonly notes: string[] = [];
  readonly session: LiveSession;
  readonly running: Promise<boolean>;
  private readonly interruption = new AbortController();

  /** Opens one that ends with the test. */
  static async open({ queued = false } = {}): Promise<LiveStage> {
    const stage = await DeliveryStage.open();
    await stage.setWebhook();
    const profile = { token: stage.bot.token, username: 'kit_bot', firstName: 'Kit' };
    const live = new LiveStage(stage, await OtherTelegram.open(profile), queued);
    onTestFinished(() => live.close());
    return live;
  }

  private constructor(stage: DeliveryStage, real: OtherTelegram, queued: boolean) {
    this.stage = stage;
    this.real = real;
    const { clock } = this;
    const { bot, telegram } = stage;
    const api = new RealBotApi(bot.token, real.root);
    this.queue = newQueue(stage);
    const say = (text: string) => void this.notes.push(text);
    const bridge = new CallBridge({ api, clock, say, botId: bot.id, isBotCode: () => true });
    telegram.forwarder = bridge;
    const handled = new Signal<never>();
    this.session = new LiveSession({
      ...{ api, bridge },
      sandbox: {
        ...{ telegram, clock },
        aws: { logs: new Logs(), eventSources: { handled, stopReceiving: () => {} } },
      } as never,
      bot: { bot, logGroups: [], ...(queued && { queue: this.queue }) },
      print: (text) => this.printed.push(text),
      note: say,
    });
    this.running = this.session.run(this.interruption.signal);
    this.running.catch(() => {});
  }

  interrupt(): void {
    this.interruption.abort();
  }

  /** Lets a person write to the bot. */
  write(person: Person, text: string): Chat {
    const chat = this.real.telegram.chat(this.real.bot.id, person);
    chat.send(text);
    return chat;
  }

  /** Returns the next update that is sent to the endpoint. */
  async arrival(): Promise<Arrival> {
    const { arrivals } = this.stage.network;
    await eventually(() => arrivals.length).toBeGreaterThan(0);
    return arrivals.shift() as Arrival;
  }

  /** How often Telegram was asked for updates. */
  polls(): number {
    return this.real.methods().filter((method) => method === 'getUpdates').length;
  }

  /** Lets time pass for the session, unless it waits for Telegram, until something has happened. */
  async passTimeUntil(hasHappened: () => boolean): Promise<void> {
    await eventually(async () => {
      if (this.real.telegram.calls.every(({ answer }) => answer)) await this.clock.advance(1000);
      return hasHappened();
    }).toBe(true);
  }

  /** Lets the poller ask again although something is unfinished, and take in what it gets. */
  async recheck(): Promise<void> {
    const before = this.polls();
    await this.passTimeUntil(() => this.polls() > before + 1);
  }

  private async close(): Promise<void> {
    this.interrupt();
    await this.stage.close();
    await this.real.close();
    await this.running.catch(() => {});
    this.session.close();
  }
}
