import { randomBytes } from 'node:crypto';
import type { Message, Update, User, UserFromGetMe } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { Chat } from './chat.ts';
import { LongPolling } from './long-polling.ts';
import { PendingUpdates } from './pending-updates.ts';
import { BusinessAccount } from './person/business.ts';
import { Group, type GroupOptions } from './person/group.ts';
import { type Person, userOf } from './person/person.ts';
import { Dialog } from './state/dialog.ts';
import { Files } from './state/files.ts';
import { Profile } from './state/profile.ts';
import { Queries } from './state/queries.ts';
import { type NewUpdate, typeOf } from './update-types.ts';
import type { Webhook } from './webhook.ts';

export interface NewBot {
  readonly token: string;
  /** Without the `@`. */
  readonly username: string;
  readonly firstName: string;
  /**
   * What BotFather switches, as getMe shows it.
   *
   * @default - inline mode, groups and business connections are on; privacy mode is on; the rest is off
   */
  readonly switches?: BotSwitches;
}

/** The fields of getMe that only BotFather sets. */
export type BotSwitches = Partial<Omit<UserFromGetMe, keyof User>>;

/** A message of inline mode: a bot knows it by this id only. */
export interface InlineMessage {
  readonly dialog: Dialog;
  readonly messageId: number;
}

/** The state that Telegram keeps for a bot. */
export class Bot {
  readonly pending: PendingUpdates;
  readonly files = new Files();
  readonly profile = new Profile();
  readonly queries = new Queries();
  readonly businessAccounts = new Map<string, BusinessAccount>();
  readonly inlineMessages = new Map<string, InlineMessage>();
  private readonly clock: Clock;
  private readonly newWebhook: (bot: Bot) => Webhook;
  private readonly chats = new Map<number, Chat>();
  private readonly dialogs = new Map<number, Dialog>();
  private readonly created: UserFromGetMe;
  private switches: BotSwitches;
  private currentToken: string;
  private currentWebhook: Webhook;
  private currentPolling: LongPolling;
  private messages = 0;
  private groups = 0;

  constructor(profile: NewBot, clock: Clock, newWebhook: (bot: Bot) => Webhook) {
    this.clock = clock;
    this.pending = new PendingUpdates(clock);
    this.created = describe(profile);
    this.switches = profile.switches ?? {};
    this.currentToken = profile.token;
    this.newWebhook = newWebhook;
    this.currentWebhook = newWebhook(this);
    this.currentPolling = this.newPolling();
  }

  get id(): number {
    return this.created.id;
  }

  /** Returns the bot as getMe describes it. */
  get user(): UserFromGetMe {
    const { first_name } = this.created;
    const name = this.profile.text('name', '') ?? first_name;
    return { ...this.created, ...this.switches, first_name: name };
  }

  /** Changes what its owner changes with BotFather. */
  switch(switches: BotSwitches): void {
    this.switches = { ...this.switches, ...switches };
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

  /** Delivers an update that another Telegram has numbered, and sent because the bot asks for its type. */
  adopt(update: Update): void {
    this.webhook.deliver(this.pending.adopt(update));
  }

  /** Returns the chat with a person: always the same one for the same person. */
  chatWith(person: Person): Chat {
    const known = this.chats.get(person.id);
    if (known) return known;
    const user = userOf(person);
    const { language_code, is_bot, ...named } = user;
    const dialog = new Dialog({
      chat: { ...named, type: 'private' },
      now: () => this.now(),
      nextMessageId: () => ++this.messages,
    });
    const chat = new Chat(this, user, dialog);
    this.chats.set(person.id, chat);
    this.dialogs.set(dialog.id, dialog);
    return chat;
  }

  /** Creates a group or a channel, with the bot in it unless the options say otherwise. */
  createGroup(options: GroupOptions): Group {
    const number = ++this.groups;
    const { id, type = 'supergroup' } = options;
    const own = type === 'group' ? -4_000_000_000 - number : -1_002_000_000_000 - number;
    let messages = 0;
    const group = new Group(this, {
      ...options,
      id: id ?? own,
      // Supergroups and channels number their messages on their own.
      nextMessageId: () => (type === 'group' ? ++this.messages : ++messages),
    });
    if (this.dialogs.has(group.dialog.id))
      throw new Error(`Chat ${group.dialog.id} already exists`);
    this.dialogs.set(group.dialog.id, group.dialog);
    group.open();
    return group;
  }

  /**
   * Lets the bot know a chat, by its id or `@username`, without an update about it: as if a person had written to it
   * there, or added it to the group, long ago.
   */
  meet(chat: string): void {
    if (this.findDialog(chat)?.met) return;
    const id = Number(chat);
    if (id > 0) {
      this.chatWith({ id, firstName: `Person ${id}` });
    } else {
      const owner = { id: 1, firstName: 'Owner' };
      const name = chat.startsWith('@') ? { username: chat.slice(1) } : { id };
      this.createGroup({ title: chat, owner, bot: 'absent', ...name });
    }
    const dialog = this.findDialog(chat);
    if (!dialog) return;
    dialog.met = true;
    if (!dialog.isPrivate) dialog.members.set({ status: 'member', user: this.user });
  }

  /** Connects the bot to a person's business account, as its owner does in the settings. */
  connectBusiness(owner: Person): BusinessAccount {
    const id = `business_${this.queries.newId()}`;
    const account = new BusinessAccount(this, id, owner);
    this.businessAccounts.set(id, account);
    account.announce();
    return account;
  }

  /** Returns a chat by its id or by its `@username`, which people's chats cannot be found by. */
  findDialog(idOrUsername: string): Dialog | undefined {
    if (!idOrUsername.startsWith('@')) return this.dialogs.get(Number(idOrUsername));
    const wanted = idOrUsername.slice(1).toLowerCase();
    return [...this.dialogs.values()].find(
      ({ isPrivate, chat }) => !isPrivate && chat.username?.toLowerCase() === wanted,
    );
  }

  /** Returns the person's chat if they have ever been in contact with the bot. */
  findPerson(userId: number): Chat | undefined {
    return this.chats.get(userId);
  }

  /** Remembers a message that was sent through inline mode. Returns its inline message id. */
  addInlineMessage(dialog: Dialog, message: Message): string {
    const id = `BAAAA${randomBytes(12).toString('base64url')}`;
    this.inlineMessages.set(id, { dialog, messageId: message.message_id });
    return id;
  }

  /** Returns the inline message id of a message; undefined for a message of the bot's own chats. */
  inlineMessageId(dialog: Dialog, message: Message): string | undefined {
    if (!message.via_bot) return undefined;
    for (const [id, known] of this.inlineMessages) {
      if (known.dialog === dialog && known.messageId === message.message_id) return id;
    }
    return undefined;
  }

  private newPolling(): LongPolling {
    const { pending, clock, webhook } = this;
    return new LongPolling({ pending, clock, webhook });
  }

  /** Returns seconds since the epoch. */
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

function describe(profile: NewBot): UserFromGetMe {
  const id = parseBotId(profile.token);
  if (id === undefined) throw new Error('A bot token consists of the bot id, a colon and a secret');
  return {
    id,
    is_bot: true,
    first_name: profile.firstName,
    username: profile.username,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_guest_queries: false,
    supports_inline_queries: true,
    can_connect_to_business: true,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
