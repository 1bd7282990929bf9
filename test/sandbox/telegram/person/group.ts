import type { Chat as ApiChat, ChatAdministratorRights, ChatMember, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import { Chat } from '../chat.ts';
import { Dialog } from '../state/dialog.ts';
import { ALL_RIGHTS, administrator, isPresent } from '../state/members.ts';
import { type Person, userOf } from './person.ts';
import { deliverMessage } from './visibility.ts';

export interface GroupOptions {
  readonly title: string;
  /** @default 'supergroup' */
  readonly type?: 'group' | 'supergroup' | 'channel';
  readonly username?: string;
  readonly isForum?: boolean;
  readonly owner: Person;
  /** Whether the owner adds the bot at once: as a member, or as an administrator. @default 'member' */
  readonly bot?: 'member' | 'administrator' | 'absent';
  /** @default - an id that no other chat of the bot has */
  readonly id?: number;
}

interface GroupInternals extends GroupOptions {
  readonly id: number;
  readonly nextMessageId: () => number;
}

/** A group or a channel: people who talk in it, and the bot, once it has been added. */
export class Group {
  readonly dialog: Dialog;
  readonly owner: Chat;
  private readonly bot: Bot;
  private readonly options: GroupInternals;
  private readonly people = new Map<number, Chat>();

  constructor(bot: Bot, options: GroupInternals) {
    const { id, title, type = 'supergroup', username, isForum, owner, nextMessageId } = options;
    this.bot = bot;
    this.options = options;
    this.dialog = new Dialog({
      chat: {
        id,
        title,
        type,
        ...(username && { username }),
        ...(isForum && { is_forum: true }),
      } as ApiChat,
      now: () => bot.now(),
      nextMessageId,
    });
    this.dialog.met = true;
    this.owner = this.chatOf(userOf(owner));
    this.dialog.members.set({ status: 'creator', user: this.owner.person, is_anonymous: false });
  }

  get id(): number {
    return this.dialog.id;
  }

  get chat(): ApiChat {
    return this.dialog.chat;
  }

  /** Adds the bot as the options say. Called once, when Telegram knows the chat. */
  open(): void {
    const { bot = this.options.type === 'channel' ? 'administrator' : 'member' } = this.options;
    if (bot === 'member') this.addBot();
    else if (bot === 'administrator') this.promoteBot();
  }

  /** Returns a person's side of the group, who joins it if they are not in it yet. */
  join(person: Person): Chat {
    const chat = this.chatOf(userOf(person));
    const { user } = { user: chat.person };
    if (this.dialog.members.has(user)) return chat;
    this.setMember({ status: 'member', user }, user);
    this.announce(user, { new_chat_members: [user] });
    return chat;
  }

  leave(person: Person): void {
    const { person: user } = this.chatOf(userOf(person));
    this.setMember({ status: 'left', user }, user);
    this.announce(user, { left_chat_member: user });
  }

  /** Asks to join, through an invite link that asks for approval. */
  requestToJoin(person: Person): void {
    const user = userOf(person);
    const { dialog, bot } = this;
    dialog.members.joinRequests.set(user.id, user);
    if (!dialog.members.can(bot.user, 'can_invite_users')) return;
    bot.receive({
      chat_join_request: {
        chat: dialog.chat as ApiChat.SupergroupChat,
        from: user,
        user_chat_id: user.id,
        date: dialog.now(),
      },
    });
  }

  /** Adds the bot as a member. */
  addBot(): void {
    const { user } = this.bot;
    this.setMember({ status: 'member', user }, this.owner.person);
    this.announce(this.owner.person, { new_chat_members: [user] });
  }

  /** Makes the bot an administrator, by default with all rights. */
  promoteBot(rights: Partial<ChatAdministratorRights> = ALL_RIGHTS): void {
    const { user } = this.bot;
    const wasMember = this.dialog.members.has(user);
    this.setMember(administrator(user, { can_manage_chat: true, ...rights }), this.owner.person);
    if (!wasMember) this.announce(this.owner.person, { new_chat_members: [user] });
  }

  /** Removes the bot for good: until it is added again, its calls are refused. */
  removeBot(): void {
    const { user } = this.bot;
    this.announce(this.owner.person, { left_chat_member: user });
    this.setMember({ status: 'kicked', user, until_date: 0 }, this.owner.person);
  }

  private chatOf(user: User): Chat {
    const known = this.people.get(user.id);
    if (known) return known;
    const chat = new Chat(this.bot, user, this.dialog);
    this.people.set(user.id, chat);
    return chat;
  }

  private setMember(member: ChatMember, by: User): void {
    changeMember(this.bot, this.dialog, member, by);
  }

  /** Posts a service message; channels have none about members. */
  private announce(from: User, fields: { new_chat_members?: User[]; left_chat_member?: User }) {
    if (this.dialog.chat.type === 'channel') return;
    deliverMessage(this.bot, this.dialog, this.dialog.post({ from, ...fields }));
  }
}

/** Changes a member's status, and tells the bot if it is about itself or if the bot is an administrator. */
export function changeMember(bot: Bot, dialog: Dialog, member: ChatMember, by: User): void {
  const wasAdministrator = dialog.members.isAdministrator(bot.user);
  const previous = dialog.members.set(member);
  const change = {
    chat: dialog.chat,
    from: by,
    date: dialog.now(),
    old_chat_member: previous,
    new_chat_member: member,
  };
  if (member.user.id === bot.id) bot.receive({ my_chat_member: change });
  else if (wasAdministrator && (isPresent(previous) || isPresent(member))) {
    bot.receive({ chat_member: change });
  }
}
