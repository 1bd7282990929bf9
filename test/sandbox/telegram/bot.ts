import type { UserFromGetMe } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { type CallbackAnswer, Chat, type Correspondent, type Person } from './chat.ts';
import { PendingUpdates } from './pending-updates.ts';
import { type NewUpdate, typeOf } from './update-types.ts';
import type { Webhook } from './webhook.ts';

export interface BotProfile {
  readonly token: string;
  /** Without the `@`. */
  readonly username: string;
  readonly firstName: string;
}

/** A bot as Telegram keeps it. */
export class Bot implements Correspondent {
  readonly user: UserFromGetMe;
  readonly pending: PendingUpdates;
  private readonly clock: Clock;
  private readonly newWebhook: (bot: Bot) => Webhook;
  private readonly chats = new Map<number, Chat>();
  private readonly queries = new Map<string, (answer: CallbackAnswer) => void>();
  private currentToken: string;
  private currentWebhook: Webhook;
  private messages = 0;

  constructor(profile: BotProfile, clock: Clock, newWebhook: (bot: Bot) => Webhook) {
    this.clock = clock;
    this.pending = new PendingUpdates(clock);
    this.user = describe(profile);
    this.currentToken = profile.token;
    this.newWebhook = newWebhook;
    this.currentWebhook = newWebhook(this);
  }

  get id(): number {
    return this.user.id;
  }

  get token(): string {
    return this.currentToken;
  }

  get webhook(): Webhook {
    return this.currentWebhook;
  }

  /**
   * Revokes the token. The webhook was the token's, and with it goes the choice of updates; pending
   * updates are the bot's and stay.
   */
  rotateToken(token: string): void {
    if (parseBotId(token) !== this.id)
      throw new Error(`A token of bot ${this.id} begins with its id`);
    void this.currentWebhook.close();
    this.currentToken = token;
    this.currentWebhook = this.newWebhook(this);
  }

  /** The update's id; undefined when the bot does not want its type, or has too many already. */
  receive(update: NewUpdate): number | undefined {
    if (!this.webhook.allowedUpdates.has(typeOf(update))) return undefined;
    const pending = this.pending.add(update);
    if (pending) this.webhook.deliver(pending);
    return pending?.update.update_id;
  }

  /** The same chat for the same person, every time. */
  chatWith(person: Person): Chat {
    const chat = this.chats.get(person.id) ?? new Chat(this, person);
    this.chats.set(person.id, chat);
    return chat;
  }

  /** Undefined when the bot cannot write there. */
  openChat(chatId: number): Chat | undefined {
    const chat = this.chats.get(chatId);
    return chat?.isOpen ? chat : undefined;
  }

  expectAnswer(queryId: string, answered: (answer: CallbackAnswer) => void): void {
    this.queries.set(queryId, answered);
  }

  /** False when there is no such query. */
  answerQuery(queryId: string, answer: CallbackAnswer): boolean {
    const answered = this.queries.get(queryId);
    answered?.(answer);
    return answered !== undefined;
  }

  nextMessageId(): number {
    return ++this.messages;
  }

  now(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** The number before the colon. Telegram calls a token malformed when there is none. */
export function parseBotId(token: string): number | undefined {
  if (token.length > 80) return undefined;
  const id = Number(/^([1-9]\d*):[^/]+$/.exec(token)?.[1] ?? Number.NaN);
  return id < 2 ** 54 ? id : undefined;
}

function describe({ token, username, firstName }: BotProfile): UserFromGetMe {
  const id = parseBotId(token);
  if (id === undefined) throw new Error('A bot token is the bot id, a colon and a secret');
  return {
    id,
    is_bot: true,
    first_name: firstName,
    username,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_guest_queries: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
