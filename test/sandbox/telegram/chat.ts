import type {
  Chat as ApiChat,
  Message,
  ReactionType,
  ReplyKeyboardMarkup,
  User,
} from '@grammyjs/types';
import type { Bot } from './bot.ts';
import { findEntities } from './formatting/index.ts';
import { type ButtonView, inlineButtons, keyboardButtons } from './person/buttons.ts';
import { Inbox } from './person/inbox.ts';
import { askInline, type InlineAnswer, sendChoice } from './person/inline-mode.ts';
import { type PaymentResult, payInvoice } from './person/payment.ts';
import { type PressOutcome, pressInline, pressKey } from './person/press.ts';
import { type FileToSend, storeSentFile } from './person/sent-file.ts';
import { deliverEdit, deliverMessage } from './person/visibility.ts';
import {
  asReplied,
  type Dialog,
  type Draft,
  type MessageFields,
  type Reaction,
  type ReactionChange,
} from './state/dialog.ts';
import type { FileKind } from './state/files.ts';

/** A message of either side, as the Bot API describes it. */
export type BotMessage = Message;

export interface SendOptions {
  readonly replyTo?: Message | undefined;
  /** The topic of a forum, by its `message_thread_id`. */
  readonly topic?: number | undefined;
}

/**
 * A person's side of a chat with a bot: private, or as a member of a group. The person's actions reach the
 * bot as updates; the bot's messages are kept until they are read.
 */
export class Chat {
  readonly person: User;
  private readonly bot: Bot;
  private readonly dialog: Dialog;
  private readonly inbox: Inbox;

  constructor(bot: Bot, person: User, dialog: Dialog) {
    this.bot = bot;
    this.person = person;
    this.dialog = dialog;
    this.inbox = new Inbox(person, dialog, dialog.business?.owner.id ?? bot.id);
    dialog.deleted.listen(({ message_id }) => this.inbox.forget(message_id));
  }

  get chat(): ApiChat {
    return this.dialog.chat;
  }

  /** The messages of all sides, oldest first, as they are now. */
  get messages(): readonly Message[] {
    return this.dialog.messages;
  }

  /** False until the person has written: before that, a bot may not write to them. */
  get isOpen(): boolean {
    return this.dialog.met;
  }

  get isBlocked(): boolean {
    return this.dialog.blocked;
  }

  /** The bot's keyboard in place of the person's own, if there is one. */
  get keyboard(): ReplyKeyboardMarkup | undefined {
    return this.inbox.keyboard;
  }

  /** The message that the bot has asked the person to reply to: the next message is sent as a reply to it. */
  get forcedReply(): Message | undefined {
    return this.inbox.replyTo;
  }

  /** The latest pinned message. */
  get pinned(): Message | undefined {
    const id = this.dialog.pinned.at(-1);
    return id === undefined ? undefined : this.dialog.find(id);
  }

  /** The reactions to the messages. */
  get reactions(): readonly Reaction[] {
    return this.dialog.allReactions();
  }

  send(text: string, options?: SendOptions): Message {
    if (text.trim() === '') throw new Error('Telegram does not send empty messages');
    // Bot libraries look at the entities instead of the text.
    const entities = findEntities(text);
    return this.post({ text, ...(entities.length > 0 && { entities }) }, options);
  }

  /** Sends a photo; without content, a grey picture of one pixel. */
  sendPhoto(file: FileToSend = {}, options?: SendOptions): Message {
    return this.sendFile('photo', file, options);
  }

  sendDocument(file: FileToSend = {}, options?: SendOptions): Message {
    return this.sendFile('document', file, options);
  }

  sendVoice(file: FileToSend = {}, options?: SendOptions): Message {
    return this.sendFile('voice', file, options);
  }

  sendSticker(file: FileToSend = {}, options?: SendOptions): Message {
    return this.sendFile('sticker', { emoji: '👍', ...file }, options);
  }

  /** Sends a file of any kind. */
  sendFile(kind: FileKind, file: FileToSend = {}, options?: SendOptions): Message {
    return this.post(storeSentFile(this.bot.files, kind, file), options);
  }

  /** Sends several photos, videos or documents as one album. */
  sendAlbum(kind: 'photo' | 'video' | 'document', files: readonly FileToSend[]): Message[] {
    const media_group_id = this.bot.queries.newId();
    return files.map((file) =>
      this.post({ ...storeSentFile(this.bot.files, kind, file), media_group_id }),
    );
  }

  sendLocation(latitude = 51.5, longitude = -0.12, options?: SendOptions): Message {
    return this.post({ location: { latitude, longitude } }, options);
  }

  /** Sends a contact, by default the person's own. */
  sendContact(
    { phoneNumber = '+15550100', firstName = this.person.first_name, userId = this.person.id } = {},
    options?: SendOptions,
  ): Message {
    const contact = { phone_number: phoneNumber, first_name: firstName, user_id: userId };
    return this.post({ contact }, options);
  }

  /** Sends a message of any other kind, by the fields that it has in the Bot API. */
  sendAny(fields: MessageFields, options?: SendOptions): Message {
    return this.post(fields, options);
  }

  /** Sends what a Mini App passes to `Telegram.WebApp.sendData`. */
  sendWebAppData(data: string, buttonText: string): Message {
    return this.post({ web_app_data: { data, button_text: buttonText } });
  }

  reply(message: Message, text: string): Message {
    return this.send(text, { replyTo: message });
  }

  /** Changes the text, or the caption, of one of the person's own messages. */
  edit(message: Message, text: string): Message {
    const current = this.current(message);
    if (current.from?.id !== this.person.id) throw new Error('People edit only their own messages');
    const entities = findEntities(text);
    const fields =
      current.text === undefined
        ? { caption: text, caption_entities: entities }
        : { text, entities };
    const edited = this.dialog.replace({ ...current, ...fields, edit_date: this.dialog.now() });
    deliverEdit(this.bot, this.dialog, edited);
    return edited;
  }

  /** Deletes a message for both sides. Telegram tells only bots of business accounts. */
  delete({ message_id }: Message): void {
    const { business, chat } = this.dialog;
    if (!this.dialog.delete(message_id) || !business || chat.type !== 'private') return;
    this.bot.receive({
      deleted_business_messages: {
        business_connection_id: business.connectionId,
        chat,
        message_ids: [message_id],
      },
    });
  }

  /** Replaces the person's reactions to a message; without emoji, removes them. */
  react(message: Message, ...emoji: string[]): void {
    const { bot, dialog, person } = this;
    const reactions = emoji.map((each) => ({ type: 'emoji', emoji: each })) as ReactionType[];
    const previous = dialog.react(this.current(message), person, reactions);
    if (!dialog.isPrivate && !dialog.members.isAdministrator(bot.user)) return;
    bot.receive({
      message_reaction: {
        chat: dialog.chat,
        message_id: message.message_id,
        user: person,
        date: dialog.now(),
        old_reaction: [...previous],
        new_reaction: reactions,
      },
    });
  }

  /** Votes in a poll for the options with these texts; without options, retracts the vote. */
  vote(message: Message, ...options: string[]): void {
    const { bot, dialog, person } = this;
    const current = this.current(message);
    const { poll } = current;
    if (!poll || poll.is_closed) throw new Error('The message is no open poll');
    const ids = options.map((text) => poll.options.findIndex((option) => option.text === text));
    if (ids.includes(-1)) throw new Error(`The poll has no option "${options[ids.indexOf(-1)]}"`);
    if (ids.length > 1 && !poll.allows_multiple_answers) {
      throw new Error('The poll takes one answer');
    }
    if (!poll.allows_revoting && dialog.polls.choiceOf(poll, person.id).length > 0) {
      throw new Error('A vote in this poll is final');
    }
    const counted = dialog.polls.vote(poll, person.id, ids);
    dialog.replace({ ...current, poll: counted });
    if (current.from?.id !== bot.id) return;
    bot.receive({ poll: counted });
    if (poll.is_anonymous) return;
    const option_persistent_ids = ids.map((id) => poll.options[id]?.persistent_id ?? '');
    const answer = { poll_id: poll.id, user: person, option_ids: ids, option_persistent_ids };
    bot.receive({ poll_answer: answer });
  }

  /** Returns the positions of the options that the person has voted for; none for a message without a poll. */
  votesIn({ poll }: Message): readonly number[] {
    return poll ? this.dialog.polls.choiceOf(poll, this.person.id) : [];
  }

  /** Returns the buttons below a message, by default the latest one with buttons. */
  buttons(message = this.latestWithButtons()): ButtonView[] {
    return inlineButtons(message);
  }

  /** Returns the buttons in place of the person's keyboard. */
  keyboardButtons(): ButtonView[] {
    return keyboardButtons(this.keyboard);
  }

  /**
   * Presses the button with this text, below a message (by default the latest one with buttons) or in place of
   * the person's keyboard. Resolves when the bot has answered, and never if it does not; buttons of other kinds
   * resolve at once, with what Telegram does.
   *
   * @throws Error when there is no such button
   */
  press(button: string, message?: Message): Promise<PressOutcome> {
    const below = this.current(message) ?? this.latestWithButtons();
    const inline = inlineButtons(below);
    const keys = message ? [] : this.keyboardButtons();
    const pressed = [...inline, ...keys].find(({ text }) => text === button);
    if (!pressed) {
      const there = [...inline, ...keys].map(({ text }) => `"${text}"`).join(', ') || 'none';
      throw new Error(`There is no button "${button}". Buttons: ${there}`);
    }
    return this.pressButton(pressed, below);
  }

  /** Presses one of the `buttons` of a message, or one of the `keyboardButtons`, as `press` does. */
  pressButton(button: ButtonView, below?: Message): Promise<PressOutcome> {
    if (button.place === 'keyboard') return Promise.resolve(this.pressKey(button));
    return pressInline(this.bot, this.dialog, this.person, button, below as Message);
  }

  /** Types an inline query. Resolves with the bot's results, and never if it does not answer. */
  inlineQuery(query: string, offset = ''): Promise<InlineAnswer> {
    return askInline(this.bot, this.dialog, this.person, query, offset);
  }

  /** Sends one of the results of an inline query, by its position or its id. */
  choose(answer: InlineAnswer, which: number | string = 0): Message {
    const choice =
      typeof which === 'number'
        ? answer.choices[which]
        : answer.choices.find(({ result }) => result.id === which);
    if (!choice) throw new Error(`The bot has offered no result ${which}`);
    const { message, inlineMessageId } = sendChoice(this.bot, this.dialog, this.person, choice);
    this.bot.receive({
      chosen_inline_result: {
        result_id: choice.result.id,
        from: this.person,
        query: answer.query,
        // Telegram tells the id only if the bot can do something with it.
        ...(message.reply_markup && { inline_message_id: inlineMessageId }),
      },
    });
    return message;
  }

  /** Pays an invoice, by default the latest one. */
  pay(
    message = this.dialog.latest(({ invoice }) => invoice !== undefined),
  ): Promise<PaymentResult> {
    if (!message) throw new Error('There is no invoice');
    return payInvoice(this.bot, this.dialog, this.person, message);
  }

  /** Blocks the bot: it can write no more. */
  block(): void {
    if (!this.isBlocked) this.setBlocked(true);
  }

  unblock(): void {
    if (this.isBlocked) this.setBlocked(false);
  }

  /** Resolves with the bot's next message that no earlier call has taken. */
  nextMessage(): Promise<Message> {
    return this.inbox.next();
  }

  /** Calls `listener` with every message of the bot; returns a function that stops it, like all of these. */
  onMessage(listener: (message: Message) => void): () => void {
    return this.inbox.received.listen(listener);
  }

  /** Calls `listener` with every message of all sides. */
  onPost(listener: (message: Message) => void): () => void {
    return this.dialog.posted.listen(({ message }) => listener(message));
  }

  /** Calls `listener` with every changed message: its text, its buttons, the votes in its poll. */
  onEdit(listener: (message: Message) => void): () => void {
    return this.dialog.edited.listen(listener);
  }

  onDelete(listener: (message: Message) => void): () => void {
    return this.dialog.deleted.listen(listener);
  }

  onReaction(listener: (change: ReactionChange) => void): () => void {
    return this.dialog.reacted.listen(listener);
  }

  /** Calls `listener` with `typing`, `upload_photo` and the like. */
  onChatAction(listener: (action: string) => void): () => void {
    return this.dialog.acted.listen(listener);
  }

  onDraft(listener: (draft: Draft) => void): () => void {
    return this.dialog.drafted.listen(listener);
  }

  private post(fields: MessageFields, options: SendOptions = {}): Message {
    const { bot, dialog, person, inbox } = this;
    if (dialog.blocked) throw new Error('The person has blocked the bot: unblock it first');
    if (!dialog.isPrivate && !dialog.members.has(person)) {
      throw new Error(`${person.first_name} is not in the chat`);
    }
    dialog.met = true;
    const replied = this.current(options.replyTo) ?? inbox.replyTo;
    inbox.replyTo = undefined;
    const message = dialog.post({
      ...(dialog.chat.type === 'channel' ? { sender_chat: dialog.chat } : { from: person }),
      ...(options.topic && { message_thread_id: options.topic, is_topic_message: true }),
      ...(replied && { reply_to_message: asReplied(replied) }),
      ...fields,
    });
    deliverMessage(bot, dialog, message);
    return message;
  }

  private pressKey(key: ButtonView): PressOutcome {
    if (this.keyboard?.one_time_keyboard) this.inbox.keyboard = undefined;
    return pressKey(key, {
      text: () => this.send(key.text),
      contact: () => this.sendContact(),
      location: () => this.sendLocation(),
    });
  }

  private setBlocked(blocked: boolean): void {
    const { bot, dialog, person } = this;
    dialog.blocked = blocked;
    const free = { status: 'member', user: bot.user } as const;
    const kicked = { status: 'kicked', user: bot.user, until_date: 0 } as const;
    bot.receive({
      my_chat_member: {
        chat: dialog.chat,
        from: person,
        date: dialog.now(),
        old_chat_member: blocked ? free : kicked,
        new_chat_member: blocked ? kicked : free,
      },
    });
  }

  /** Returns a message as it is now: the caller's may be older than its latest edit. */
  private current<M extends Message | undefined>(message: M): M {
    return ((message && this.dialog.find(message.message_id)) ?? message) as M;
  }

  private latestWithButtons(): Message | undefined {
    return this.dialog.latest(({ reply_markup }) => reply_markup !== undefined);
  }
}
