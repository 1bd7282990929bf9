import type {
  ForceReply,
  Message,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
  User,
} from '@grammyjs/types';
import { Signal } from '../../signal.ts';
import type { Dialog, Posting } from '../state/dialog.ts';

/** What a person reads in a chat: the bot's messages, one by one, and the keyboard below the input field. */
export class Inbox {
  readonly received = new Signal<Message>();
  /** The bot's keyboard in place of the person's own; undefined for the person's own. */
  keyboard: ReplyKeyboardMarkup | undefined;
  /** The message that the bot has asked the person to reply to (`force_reply`). */
  replyTo: Message | undefined;
  private readonly person: User;
  private readonly unread: Message[] = [];
  private readonly readers: ((message: Message) => void)[] = [];

  constructor(person: User, dialog: Dialog, writerId: number) {
    this.person = person;
    dialog.posted.listen((posting) => {
      if (posting.message.from?.id === writerId || isPostOf(posting.message)) this.receive(posting);
    });
  }

  /** Resolves with the next message that no earlier call has taken. */
  next(): Promise<Message> {
    const waiting = this.unread.shift();
    if (waiting) return Promise.resolve(waiting);
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Drops a message that was deleted before it was read. */
  forget(messageId: number): void {
    const at = this.unread.findIndex((message) => message.message_id === messageId);
    if (at >= 0) this.unread.splice(at, 1);
  }

  private receive({ message, markup }: Posting): void {
    if (markup && !('inline_keyboard' in markup) && this.concerns(message, markup)) {
      if ('keyboard' in markup) this.keyboard = markup;
      else if ('remove_keyboard' in markup) this.keyboard = undefined;
      if (markup.force_reply) this.replyTo = message;
    }
    const reader = this.readers.shift();
    if (reader) reader(message);
    else this.unread.push(message);
    this.received.emit(message);
  }

  /** A selective keyboard is only for people whom its message mentions or replies to. */
  private concerns(
    message: Message,
    markup: (ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply) & { force_reply?: boolean },
  ): markup is (ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply) & { force_reply?: true } {
    if (!markup.selective) return true;
    const { username, id } = this.person;
    const text = message.text ?? message.caption ?? '';
    return (
      message.reply_to_message?.from?.id === id ||
      (username !== undefined && text.includes(`@${username}`))
    );
  }
}

/** Channel posts have no sender: whoever reads the channel gets all of them. */
function isPostOf(message: Message): boolean {
  return message.chat.type === 'channel' && message.from === undefined;
}
