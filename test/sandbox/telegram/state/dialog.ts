import type {
  Chat as ApiChat,
  ChatPermissions,
  GameHighScore,
  Message,
  MessageEntity,
  ReactionType,
  User,
} from '@grammyjs/types';
import { Signal } from '../../signal.ts';
import type { ReplyMarkup } from '../markup.ts';
import { Members } from './members.ts';
import { Polls } from './polls.ts';
import { Topics } from './topics.ts';

/** A message, and the markup that was sent with it: messages carry only inline keyboards themselves. */
export interface Posting {
  readonly message: Message;
  readonly markup: ReplyMarkup | undefined;
}

export interface ReactionChange {
  readonly message: Message;
  readonly from: User;
  readonly reactions: readonly ReactionType[];
}

export interface Reaction {
  readonly messageId: number;
  readonly userId: number;
  readonly reaction: ReactionType;
}

/** A text that a bot shows while it is still being written (sendMessageDraft). */
export interface Draft {
  readonly id: number;
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** The terms of an invoice that its message does not show. */
export interface InvoiceTerms {
  readonly payload: string;
  readonly currency: string;
  readonly totalAmount: number;
  readonly isFlexible: boolean;
  readonly needsShippingAddress: boolean;
  readonly asksFor: { readonly name: boolean; readonly phone: boolean; readonly email: boolean };
}

/** The parts of a message that depend on neither its chat nor its number. */
export type MessageFields = Partial<Omit<Message, 'message_id' | 'chat' | 'date'>>;

export interface DialogOptions {
  readonly chat: ApiChat;
  /** Returns seconds since the epoch. */
  readonly now: () => number;
  readonly nextMessageId: () => number;
  /** In the chat of a customer with a business account that the bot answers for. */
  readonly business?: { readonly connectionId: string; readonly owner: User };
}

/**
 * A chat as Telegram keeps it: messages, members and topics. Knows nothing of updates; a person's side
 * (`person/chat.ts`) and the methods of the Bot API both work on it.
 */
export class Dialog {
  readonly posted = new Signal<Posting>();
  readonly edited = new Signal<Message>();
  readonly deleted = new Signal<Message>();
  readonly reacted = new Signal<ReactionChange>();
  /** Emits the actions of the bot: `typing`, `upload_photo` … */
  readonly acted = new Signal<string>();
  readonly drafted = new Signal<Draft>();
  readonly members: Members;
  readonly topics = new Topics();
  readonly polls = new Polls();
  /** What a bot has attached to its invoices, by message id: people never see it. */
  readonly invoices = new Map<number, InvoiceTerms>();
  /** The ids of pinned messages, the latest one last. */
  readonly pinned: number[] = [];
  /** Whether the person of a private chat has blocked the bot. */
  blocked = false;
  /** Whether the person of a private chat has written to the bot; without that, a bot cannot. */
  met = false;
  description = '';
  permissions: ChatPermissions = {};
  private readonly options: DialogOptions;
  private readonly history = new Map<number, Message>();
  private readonly scores = new Map<number, Map<number, Omit<GameHighScore, 'position'>>>();
  private readonly reactions = new Map<number, Map<number, readonly ReactionType[]>>();
  private current: ApiChat;

  constructor(options: DialogOptions) {
    this.options = options;
    this.current = options.chat;
    this.members = new Members();
  }

  get chat(): ApiChat {
    return this.current;
  }

  get business(): DialogOptions['business'] {
    return this.options.business;
  }

  get id(): number {
    return this.current.id;
  }

  get isPrivate(): boolean {
    return this.current.type === 'private';
  }

  /** Whether the chat is a supergroup or a channel, which have more methods than a basic group. */
  get isSuper(): boolean {
    return this.current.type === 'supergroup' || this.current.type === 'channel';
  }

  get messages(): Message[] {
    return [...this.history.values()];
  }

  now(): number {
    return this.options.now();
  }

  rename(title: string): void {
    this.current = { ...this.current, title } as ApiChat;
  }

  find(messageId: number): Message | undefined {
    return this.history.get(messageId);
  }

  /** Returns the latest message that fits. */
  latest(fits: (message: Message) => boolean): Message | undefined {
    return this.messages.findLast(fits);
  }

  post(fields: MessageFields, markup?: ReplyMarkup): Message {
    const message = {
      message_id: this.options.nextMessageId(),
      ...(fields.from && { from: fields.from }),
      chat: this.chat,
      date: this.now(),
      ...(this.business && { business_connection_id: this.business.connectionId }),
      ...fields,
      ...(markup && 'inline_keyboard' in markup && { reply_markup: markup }),
    } as Message;
    this.history.set(message.message_id, message);
    this.posted.emit({ message, markup });
    return message;
  }

  /** Replaces a message by a changed one with the same id. */
  replace(message: Message): Message {
    this.history.set(message.message_id, message);
    this.edited.emit(message);
    return message;
  }

  delete(messageId: number): boolean {
    const message = this.history.get(messageId);
    if (!message) return false;
    this.history.delete(messageId);
    this.unpin(messageId);
    this.deleted.emit(message);
    return true;
  }

  /** Replaces a user's reactions to a message. Returns the ones before. */
  react(message: Message, from: User, reactions: readonly ReactionType[]): readonly ReactionType[] {
    const byUser = this.reactions.get(message.message_id) ?? new Map();
    this.reactions.set(message.message_id, byUser);
    const previous = byUser.get(from.id) ?? [];
    byUser.set(from.id, reactions);
    this.reacted.emit({ message, from, reactions });
    return previous;
  }

  /** Returns the reactions to the messages that are still there. */
  allReactions(): Reaction[] {
    return [...this.reactions].flatMap(([messageId, byUser]) =>
      [...(this.history.has(messageId) ? byUser : [])].flatMap(([userId, reactions]) =>
        reactions.map((reaction) => ({ messageId, userId, reaction })),
      ),
    );
  }

  /** Returns the scores in the game of a message, by user. */
  scoresOf({ message_id }: Message): Map<number, Omit<GameHighScore, 'position'>> {
    const scores = this.scores.get(message_id) ?? new Map();
    this.scores.set(message_id, scores);
    return scores;
  }

  unpin(messageId: number): boolean {
    const at = this.pinned.indexOf(messageId);
    if (at >= 0) this.pinned.splice(at, 1);
    return at >= 0;
  }
}

/** Returns a message as it appears inside its reply: without the message that it replies to itself. */
export function asReplied({
  reply_to_message,
  ...message
}: Message): NonNullable<Message['reply_to_message']> {
  return message as NonNullable<Message['reply_to_message']>;
}
