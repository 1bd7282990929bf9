import type { Message } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import type { Bot } from '../telegram/bot.ts';
import type { Chat } from '../telegram/chat.ts';
import { commandMenu } from '../telegram/person/command-menu.ts';
import type { Draft } from '../telegram/state/dialog.ts';
import type { Visit } from '../terminal/people.ts';
import { LastSent } from './last-sent.ts';
import type { PageEvent, PlaceView } from './protocol.ts';

/** How long Telegram shows a chat action (https://core.telegram.org/bots/api#sendchataction). */
const CHAT_ACTION_MS = 5000;

/** A chat with a bot as one person sees it, and the news from there. */
export class Place {
  readonly id: string;
  readonly bot: Bot;
  readonly chat: Chat;
  private readonly clock: Clock;
  private readonly send: (event: PageEvent) => void;
  private readonly stop: readonly (() => void)[];
  private readonly sent = new LastSent();
  private chatAction: { readonly name: string; readonly shown: AbortController } | undefined;
  private draft: Draft | undefined;

  constructor({ bot, chat }: Visit, clock: Clock, send: (event: PageEvent) => void) {
    this.id = placeId({ bot, chat });
    this.bot = bot;
    this.chat = chat;
    this.clock = clock;
    this.send = send;
    this.stop = [
      chat.onPost((message) => this.onPost(message)),
      chat.onEdit((message) => this.onMessage(message)),
      chat.onDelete(({ message_id: messageId }) => {
        send({ type: 'message deleted', placeId: this.id, messageId });
        this.refresh();
      }),
      chat.onReaction(() => this.refresh()),
      chat.onChatAction((name) => this.showChatAction(name)),
      chat.onDraft((draft) => {
        this.draft = draft;
        this.refresh();
      }),
    ];
    this.sent.isNew(this.frame());
    send({ type: 'place', place: this.view() });
  }

  view(): PlaceView {
    return { ...this.frame(), messages: this.chat.messages };
  }

  /** Sends what has changed apart from the messages. */
  refresh(): void {
    const place = this.frame();
    if (this.sent.isNew(place)) this.send({ type: 'place', place });
  }

  /** @throws Error when it was deleted */
  message(id: number): Message {
    const message = this.chat.messages.find(({ message_id }) => message_id === id);
    if (!message) throw new Error('This message was deleted. Choose another one.');
    return message;
  }

  close(): void {
    this.chatAction?.shown.abort('closed');
    for (const stop of this.stop) stop();
  }

  private frame(): PlaceView {
    const { id, bot, chat, draft } = this;
    return {
      ...{ id, botId: bot.id, person: chat.person, chat: chat.chat, messages: [] },
      commands: commandMenu(bot, chat.chat, chat.person),
      keyboard: chat.keyboard,
      forcedReplyTo: chat.forcedReply?.message_id,
      chatAction: this.chatAction?.name,
      pinnedMessageId: chat.pinned?.message_id,
      reactions: chat.reactions.map(({ messageId, userId, reaction }) => ({
        ...{ messageId, userId },
        // Custom emoji are pictures of Telegram's, and a paid reaction is a star.
        emoji: reaction.type === 'emoji' ? reaction.emoji : '⭐',
      })),
      votes: chat.messages.flatMap((message) => {
        const options = chat.votesIn(message);
        return options.length > 0 ? [{ messageId: message.message_id, options }] : [];
      }),
      ...(draft && { draft: { text: draft.text, entities: draft.entities } }),
      isBlocked: chat.isBlocked,
    };
  }

  private onPost(message: Message): void {
    if (message.from?.id === this.bot.id) {
      this.chatAction?.shown.abort('answered');
      this.chatAction = undefined;
      this.draft = undefined;
    }
    this.onMessage(message);
  }

  private onMessage(message: Message): void {
    this.send({ type: 'message', placeId: this.id, message });
    this.refresh();
  }

  private showChatAction(name: string): void {
    this.chatAction?.shown.abort('replaced');
    const action = { name, shown: new AbortController() };
    this.chatAction = action;
    this.refresh();
    this.clock.sleep(CHAT_ACTION_MS, action.shown.signal).then(
      () => {
        this.chatAction = undefined;
        this.refresh();
      },
      () => {},
    );
  }
}

export function placeId({ bot, chat }: Visit): string {
  return `${bot.id}.${chat.chat.id}.${chat.person.id}`;
}
