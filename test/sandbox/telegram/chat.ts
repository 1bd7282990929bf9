import { randomInt } from 'node:crypto';
import type { Chat as ApiChat, InlineKeyboardMarkup, Message, User } from '@grammyjs/types';
import { type FormattedText, findEntities } from './formatting/index.ts';
import type { NewUpdate } from './update-types.ts';

/** The person in a private chat. */
export interface Person {
  readonly id: number;
  readonly firstName: string;
  readonly username?: string;
  readonly languageCode?: string;
}

/** The part of a bot that a chat with it uses. */
export interface Correspondent {
  readonly user: User;
  /** Returns seconds since the epoch. */
  now(): number;
  nextMessageId(): number;
  receive(update: NewUpdate): void;
  /** Keeps the query until the bot answers it. */
  expectAnswer(queryId: string, answered: (answer: CallbackAnswer) => void): void;
}

/** The bot's answer to a pressed button, shown as a toast or as an alert. */
export interface CallbackAnswer {
  readonly text: string;
  readonly showAlert: boolean;
}

export type BotMessage = Message.TextMessage;

/**
 * A person's side of a private chat with a bot. The person's actions reach the bot as updates; the
 * bot's messages are kept until they are read.
 */
export class Chat {
  readonly person: User;
  readonly chat: ApiChat.PrivateChat;
  private readonly bot: Correspondent;
  private readonly history: BotMessage[] = [];
  private readonly unread: BotMessage[] = [];
  private readonly readers: ((message: BotMessage) => void)[] = [];
  private readonly listeners = new Set<(message: BotMessage) => void>();
  private met = false;

  constructor(bot: Correspondent, person: Person) {
    this.bot = bot;
    this.person = {
      id: person.id,
      is_bot: false,
      first_name: person.firstName,
      ...(person.username && { username: person.username }),
      language_code: person.languageCode ?? 'en',
    };
    this.chat = {
      id: person.id,
      type: 'private',
      first_name: person.firstName,
      ...(person.username && { username: person.username }),
    };
  }

  /** The messages of both sides, oldest first. */
  get messages(): readonly BotMessage[] {
    return this.history;
  }

  /** False until the person has written: before that, a bot may not write to them. */
  get isOpen(): boolean {
    return this.met;
  }

  send(text: string): BotMessage {
    if (text.trim() === '') throw new Error('Telegram does not send empty messages');
    this.met = true;
    const entities = findEntities(text);
    const message: BotMessage = {
      message_id: this.bot.nextMessageId(),
      from: this.person,
      chat: this.chat,
      date: this.bot.now(),
      text,
      ...(entities.length > 0 && { entities }),
    };
    this.history.push(message);
    this.bot.receive({ message: { ...message, from: this.person, chat: this.chat } });
    return message;
  }

  /**
   * Presses the button with this text under a message, by default the latest one with buttons.
   * Resolves when the bot answers the query, and never if it does not.
   */
  press(button: string, message = this.latestWithButtons()): Promise<CallbackAnswer> {
    const buttons = message?.reply_markup?.inline_keyboard.flat() ?? [];
    const found = buttons.find(({ text }) => text === button);
    if (!message || !found || !('callback_data' in found)) {
      const there = buttons.map(({ text }) => `"${text}"`).join(', ') || 'none';
      throw new Error(`No button "${button}" sends a query to the bot. Buttons: ${there}`);
    }
    const id = String(randomInt(2 ** 47));
    const answer = new Promise<CallbackAnswer>((resolve) => this.bot.expectAnswer(id, resolve));
    this.bot.receive({
      callback_query: {
        id,
        from: this.person,
        message,
        chat_instance: String(this.chat.id),
        data: found.callback_data,
      },
    });
    return answer;
  }

  /** Resolves with the bot's next message that no earlier call has taken. */
  nextMessage(): Promise<BotMessage> {
    const waiting = this.unread.shift();
    if (waiting) return Promise.resolve(waiting);
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Calls `listener` with every message of the bot; returns a function that stops it. */
  onMessage(listener: (message: BotMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Adds a message from the bot. */
  receive({ text, entities }: FormattedText, markup: InlineKeyboardMarkup | undefined): BotMessage {
    const message: BotMessage = {
      message_id: this.bot.nextMessageId(),
      from: this.bot.user,
      chat: this.chat,
      date: this.bot.now(),
      text,
      ...(entities.length > 0 && { entities }),
      ...(markup && { reply_markup: markup }),
    };
    this.history.push(message);
    const reader = this.readers.shift();
    if (reader) reader(message);
    else this.unread.push(message);
    for (const listener of this.listeners) listener(message);
    return message;
  }

  private latestWithButtons(): BotMessage | undefined {
    return this.history.findLast((message) => message.reply_markup);
  }
}
