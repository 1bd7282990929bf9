import type {
  ChatAdministratorRights,
  ChatInviteLink,
  ChatMember,
  ChatMemberAdministrator,
  User,
} from '@grammyjs/types';

export const NO_RIGHTS: ChatAdministratorRights = {
  is_anonymous: false,
  can_manage_chat: false,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_send_welcome_messages: false,
};

export const ALL_RIGHTS: ChatAdministratorRights = {
  ...NO_RIGHTS,
  can_manage_chat: true,
  can_delete_messages: true,
  can_manage_video_chats: true,
  can_restrict_members: true,
  can_promote_members: true,
  can_change_info: true,
  can_invite_users: true,
  can_post_messages: true,
  can_edit_messages: true,
  can_pin_messages: true,
  can_manage_topics: true,
};

export type AdministratorRight = Exclude<keyof ChatAdministratorRights, 'is_anonymous'>;

/** The members of a group or channel with their statuses, and its invite links. */
export class Members {
  readonly inviteLinks = new Map<string, ChatInviteLink>();
  /** People who asked to join and wait for an answer. */
  readonly joinRequests = new Map<number, User>();
  private readonly byId = new Map<number, ChatMember>();

  /** Returns the status of a user; people who never were in the chat have left it. */
  of(user: User): ChatMember {
    return this.byId.get(user.id) ?? { status: 'left', user };
  }

  find(userId: number): ChatMember | undefined {
    return this.byId.get(userId);
  }

  /** Returns the status that the user had. */
  set(member: ChatMember): ChatMember {
    const previous = this.of(member.user);
    this.byId.set(member.user.id, member);
    return previous;
  }

  get present(): ChatMember[] {
    return [...this.byId.values()].filter(isPresent);
  }

  get administrators(): (ChatMember & { status: 'creator' | 'administrator' })[] {
    return this.present.filter(
      (member) => member.status === 'creator' || member.status === 'administrator',
    );
  }

  has(user: User): boolean {
    return isPresent(this.of(user));
  }

  isAdministrator(user: User): boolean {
    return ['creator', 'administrator'].includes(this.of(user).status);
  }

  /** Returns whether the user may do it as an administrator. The owner may do everything. */
  can(user: User, right: AdministratorRight): boolean {
    const member = this.of(user);
    return member.status === 'creator' || (member.status === 'administrator' && !!member[right]);
  }
}

export function isPresent(member: ChatMember): boolean {
  if (member.status === 'restricted') return member.is_member;
  return member.status !== 'left' && member.status !== 'kicked';
}

export function administrator(
  user: User,
  rights: Partial<ChatAdministratorRights>,
): ChatMemberAdministrator {
  return { status: 'administrator', user, can_be_edited: true, ...NO_RIGHTS, ...rights };
}
