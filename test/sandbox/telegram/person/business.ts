import type { BusinessConnection, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import { Chat } from '../chat.ts';
import { Dialog } from '../state/dialog.ts';
import { type Person, userOf } from './person.ts';

/** A person's business account that a bot answers for: its customers write to the person. */
export class BusinessAccount {
  readonly owner: User;
  private readonly bot: Bot;
  private readonly id: string;
  private readonly customers = new Map<number, Chat>();
  private readonly dialogs = new Map<number, Dialog>();
  private current: BusinessConnection;
  private messages = 0;

  constructor(bot: Bot, id: string, owner: Person) {
    this.bot = bot;
    this.id = id;
    this.owner = userOf(owner);
    this.current = {
      id,
      user: this.owner,
      user_chat_id: owner.id,
      date: bot.now(),
      rights: {
        can_reply: true,
        can_read_messages: true,
        can_delete_outgoing_messages: true,
        can_delete_all_messages: true,
      },
      is_enabled: true,
    };
  }

  get connection(): BusinessConnection {
    return this.current;
  }

  /** Tells the bot of the connection as it is now. */
  announce(): void {
    this.bot.receive({ business_connection: this.current });
  }

  /** Takes the bot's rights away: it can no longer write for the owner. */
  disconnect(): void {
    this.current = { ...this.current, is_enabled: false };
    this.announce();
  }

  /** Returns a customer's side of the chat with the owner. */
  customer(person: Person): Chat {
    const known = this.customers.get(person.id);
    if (known) return known;
    const user = userOf(person);
    const { language_code, is_bot, ...named } = user;
    const dialog = new Dialog({
      chat: { ...named, type: 'private' },
      now: () => this.bot.now(),
      nextMessageId: () => ++this.messages,
      business: { connectionId: this.id, owner: this.owner },
    });
    const chat = new Chat(this.bot, user, dialog);
    this.customers.set(user.id, chat);
    this.dialogs.set(user.id, dialog);
    return chat;
  }

  /** Returns the chat with a customer who has written to the owner. */
  findDialog(customerId: number): Dialog | undefined {
    return this.dialogs.get(customerId);
  }

  get allDialogs(): Dialog[] {
    return [...this.dialogs.values()];
  }
}
