import { randomInt } from 'node:crypto';
import type { Chat as ApiChat, InlineKeyboardMarkup, Message, User } from '@grammyjs/types';
import type { NewUpdate } from './update-types.ts';

/** The person of a private chat. */
export interface Person {
  readonly id: number;
  readonly firstName: string;
  readonly username?: string;
  readonly languageCode?: string;
}

/** What a chat needs of the bot at its other end. */
export interface Correspondent {
  readonly user: User;
  /** In seconds. */
  now(): number;
  nextMessageId(): number;
  receive(update: NewUpdate): void;
  /** Keeps the query until the bot answers it. */
  expectAnswer(queryId: string, answered: (answer: CallbackAnswer) => void): void;
}

/** The bot's answer to a pressed button: a toast, or a box to be closed. */
export interface CallbackAnswer {
  readonly text: string;
  readonly showAlert: boolean;
}

export type BotMessage = Message.TextMessage;

/**
 * A person's side of a private chat with a bot. What the person does goes to the bot as an update;
 * what the bot sends is kept until it is read.
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

  /** Both sides, oldest first. */
  get messages(): readonly BotMessage[] {
    return this.history;
  }

  /** Bots may not write to a person who has never written to them. */
  get isOpen(): boolean {
    return this.met;
  }

  send(text: string): BotMessage {
    if (text.trim() === '') throw new Error('Telegram sends no empty messages');
    this.met = true;
    const entities = commandsIn(text);
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
   * Presses a button, by its text, under a message: by default the latest that has buttons. Resolves
   * when the bot answers the query, and never if it does not.
   */
  press(button: string, message = this.latestWithButtons()): Promise<CallbackAnswer> {
    const buttons = message?.reply_markup?.inline_keyboard.flat() ?? [];
    const found = buttons.find(({ text }) => text === button);
    if (!message || !found || !('callback_data' in found)) {
      const there = buttons.map(({ text }) => `"${text}"`).join(', ') || 'none';
      throw new Error(`There is no button "${button}" that asks the bot. Buttons: ${there}`);
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

  /** The bot's next message that nobody has waited for yet. */
  nextMessage(): Promise<BotMessage> {
    const waiting = this.unread.shift();
    if (waiting) return Promise.resolve(waiting);
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Called for every message of the bot; returns how to stop that. */
  onMessage(listener: (message: BotMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The bot writes. */
  receive(text: string, markup: InlineKeyboardMarkup | undefined): BotMessage {
    const message: BotMessage = {
      message_id: this.bot.nextMessageId(),
      from: this.bot.user,
      chat: this.chat,
      date: this.bot.now(),
      text,
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

/** Clients mark commands; bot libraries look at the marks, not at the text. */
function commandsIn(text: string): NonNullable<BotMessage['entities']> {
  return [...text.matchAll(/(?<=^|\s)\/\w{1,32}(?:@\w+)?/g)].map((match) => ({
    type: 'bot_command',
    offset: match.index,
    length: match[0].length,
  }));
}
