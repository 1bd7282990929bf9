import type { UserFromGetMe } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { type CallbackAnswer, Chat, type Correspondent, type Person } from './chat.ts';
import { LongPolling } from './long-polling.ts';
import { PendingUpdates } from './pending-updates.ts';
import { type NewUpdate, typeOf } from './update-types.ts';
import type { Webhook } from './webhook.ts';

export interface BotProfile {
  readonly token: string;
  /** Without the `@`. */
  readonly username: string;
  readonly firstName: string;
}

/** The state that Telegram keeps for a bot. */
export class Bot implements Correspondent {
  readonly user: UserFromGetMe;
  readonly pending: PendingUpdates;
  private readonly clock: Clock;
  private readonly newWebhook: (bot: Bot) => Webhook;
  private readonly chats = new Map<number, Chat>();
  private readonly queries = new Map<string, (answer: CallbackAnswer) => void>();
  private currentToken: string;
  private currentWebhook: Webhook;
  private currentPolling: LongPolling;
  private messages = 0;

  constructor(profile: BotProfile, clock: Clock, newWebhook: (bot: Bot) => Webhook) {
    this.clock = clock;
    this.pending = new PendingUpdates(clock);
    this.user = describe(profile);
    this.currentToken = profile.token;
    this.newWebhook = newWebhook;
    this.currentWebhook = newWebhook(this);
    this.currentPolling = this.newPolling();
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

  get polling(): LongPolling {
    return this.currentPolling;
  }

  /**
   * Replaces the token and revokes the old one. The webhook and the choice of updates belong to the
   * token and are lost; pending updates belong to the bot and stay (telegram-bot-api, Client.cpp and
   * ClientManager.cpp).
   */
  rotateToken(token: string): void {
    if (parseBotId(token) !== this.id)
      throw new Error(`The token of bot ${this.id} must begin with its id`);
    void this.currentWebhook.close();
    this.currentToken = token;
    this.currentWebhook = this.newWebhook(this);
    this.currentPolling.close();
    this.currentPolling = this.newPolling();
  }

  /** Returns the update's id; undefined when the bot did not ask for the type or has too many pending. */
  receive(update: NewUpdate): number | undefined {
    if (!this.webhook.allowedUpdates.has(typeOf(update))) return undefined;
    const pending = this.pending.add(update);
    if (pending) {
      this.webhook.deliver(pending);
      this.polling.wake();
    }
    return pending?.update.update_id;
  }

  /** Returns the chat with a person: always the same one for the same person. */
  chatWith(person: Person): Chat {
    const chat = this.chats.get(person.id) ?? new Chat(this, person);
    this.chats.set(person.id, chat);
    return chat;
  }

  /** Returns undefined when the bot cannot write to the chat. */
  openChat(chatId: number): Chat | undefined {
    const chat = this.chats.get(chatId);
    return chat?.isOpen ? chat : undefined;
  }

  expectAnswer(queryId: string, answered: (answer: CallbackAnswer) => void): void {
    this.queries.set(queryId, answered);
  }

  /** Returns false when there is no such query. */
  answerQuery(queryId: string, answer: CallbackAnswer): boolean {
    const answered = this.queries.get(queryId);
    answered?.(answer);
    return answered !== undefined;
  }

  nextMessageId(): number {
    return ++this.messages;
  }

  private newPolling(): LongPolling {
    const { pending, clock, webhook } = this;
    return new LongPolling({ pending, clock, webhook });
  }

  now(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/**
 * Returns the number before the colon; undefined for a token that Telegram considers malformed
 * (telegram-bot-api, ClientManager.cpp).
 */
export function parseBotId(token: string): number | undefined {
  if (token.length > 80) return undefined;
  const id = Number(/^([1-9]\d*):[^/]+$/.exec(token)?.[1] ?? Number.NaN);
  return id < 2 ** 54 ? id : undefined;
}

function describe({ token, username, firstName }: BotProfile): UserFromGetMe {
  const id = parseBotId(token);
  if (id === undefined) throw new Error('A bot token consists of the bot id, a colon and a secret');
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
