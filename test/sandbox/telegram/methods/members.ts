import { randomBytes } from 'node:crypto';
import type { ChatAdministratorRights, ChatInviteLink, ChatMember } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { changeMember } from '../person/group.ts';
import type { Dialog } from '../state/dialog.ts';
import { administrator, isPresent, NO_RIGHTS } from '../state/members.ts';
import { announce, groupOf, readPermissions } from './chats.ts';
import {
  dialogOf,
  given,
  integerOf,
  type MethodCall,
  type MethodTable,
  needRight,
  required,
  userIn,
} from './method.ts';

/** Members of groups and channels, and the ways into them. */
export const memberMethods: MethodTable = {
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  getChatMembersCount: getChatMemberCount,
  banChatMember: ban,
  kickChatMember: ban,
  unbanChatMember: (call) => {
    const dialog = superOf(call);
    const user = userIn(call, dialog);
    needRight(call, dialog, 'can_restrict_members', NO_RESTRICT_RIGHT);
    const { status } = dialog.members.of(user);
    if (status !== 'kicked' && call.parameters.flag('only_if_banned')) return true;
    change(call, dialog, { status: 'left', user });
    return true;
  },
  restrictChatMember: (call) => {
    const permissions = readPermissions(call);
    const dialog = dialogOf(call, 'write');
    if (dialog.chat.type !== 'supergroup') {
      throw badRequest('method is available only for supergroups');
    }
    const user = userIn(call, dialog);
    const current = changeable(call, dialog);
    const { parameters } = call;
    const until_date = integerOf(parameters, 'until_date');
    const isFree = Object.values(permissions).every(Boolean);
    change(
      call,
      dialog,
      isFree && isPresent(current)
        ? { status: 'member', user }
        : {
            status: 'restricted',
            user,
            is_member: isPresent(current),
            ...permissions,
            until_date,
          },
    );
    return true;
  },
  promoteChatMember: (call) => {
    const dialog = superOf(call);
    const user = userIn(call, dialog);
    needRight(call, dialog, 'can_promote_members', 'not enough rights');
    if (user.id === call.bot.id) throw badRequest("can't promote self");
    if (dialog.members.of(user).status === 'creator') throw badRequest("can't remove chat owner");
    const rights = readRights(call);
    const isPromotion = Object.values(rights).some(Boolean);
    change(
      call,
      dialog,
      isPromotion
        ? administrator(user, { ...rights, can_manage_chat: true })
        : { status: 'member', user },
    );
    return true;
  },
  setChatAdministratorCustomTitle: (call) => {
    const dialog = groupOf(call, 'method is available only for groups and supergroups');
    const member = dialog.members.of(userIn(call, dialog));
    if (member.status === 'creator') {
      throw badRequest('only the owner can edit their custom title');
    }
    if (member.status !== 'administrator') throw badRequest('user is not an administrator');
    const custom_title = call.parameters.text('custom_title');
    change(call, dialog, { ...member, custom_title });
    return true;
  },
  leaveChat: (call) => {
    const dialog = dialogOf(call, 'read');
    if (dialog.isPrivate) throw badRequest("can't leave private chats");
    const { user } = call.bot;
    announce(call, dialog, { left_chat_member: user });
    change(call, dialog, { status: 'left', user });
    return true;
  },
  exportChatInviteLink: (call) => newLink(call, true).invite_link,
  createChatInviteLink: (call) => newLink(call, false),
  editChatInviteLink: (call) => replaceLink(call, linkFields(call)),
  revokeChatInviteLink: (call) => replaceLink(call, { is_revoked: true }),
  approveChatJoinRequest: (call) => decideJoinRequest(call, true),
  declineChatJoinRequest: (call) => decideJoinRequest(call, false),
};

const NO_RESTRICT_RIGHT = 'not enough rights to restrict/unrestrict chat member';

function change({ bot }: MethodCall, dialog: Dialog, member: ChatMember): void {
  changeMember(bot, dialog, member, bot.user);
}

function superOf(call: MethodCall): Dialog {
  const dialog = dialogOf(call, 'write');
  if (!dialog.isSuper) {
    throw badRequest('method is available for supergroup and channel chats only');
  }
  return dialog;
}

function getChatMember(call: MethodCall): ChatMember {
  const dialog = dialogOf(call, 'read members');
  const user = userIn(call, dialog);
  return dialog.isPrivate ? { status: 'member', user } : dialog.members.of(user);
}

function getChatAdministrators(call: MethodCall) {
  const dialog = dialogOf(call, 'read members');
  if (dialog.isPrivate) throw badRequest('there are no administrators in the private chat');
  // Of the bots among them, Telegram lists only the one that asks.
  return dialog.members.administrators.filter(
    ({ user }) => !user.is_bot || user.id === call.bot.id,
  );
}

function getChatMemberCount(call: MethodCall): number {
  const dialog = dialogOf(call, 'read members');
  return dialog.isPrivate ? 2 : dialog.members.present.length;
}

/** DialogParticipantManager::restrict_channel_participant */
function changeable(call: MethodCall, dialog: Dialog): ChatMember {
  const user = userIn(call, dialog);
  needRight(call, dialog, 'can_restrict_members', NO_RESTRICT_RIGHT);
  if (user.id === call.bot.id) throw badRequest("can't restrict self");
  const member = dialog.members.of(user);
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (member.status === 'administrator') throw badRequest('user is an administrator of the chat');
  return member;
}

function ban(call: MethodCall): true {
  const dialog = groupOf(call, "can't ban members in private chats");
  const member = changeable(call, dialog);
  const until_date = integerOf(call.parameters, 'until_date');
  change(call, dialog, { status: 'kicked', user: member.user, until_date });
  if (isPresent(member) && dialog.chat.type !== 'channel') {
    announce(call, dialog, { left_chat_member: member.user });
  }
  return true;
}

function readRights({ parameters }: MethodCall): Partial<ChatAdministratorRights> {
  const names = [
    ...Object.keys(NO_RIGHTS),
    ...['can_post_messages', 'can_edit_messages', 'can_pin_messages', 'can_manage_topics'],
  ];
  return Object.fromEntries(names.map((name) => [name, parameters.flag(name)]));
}

function linkFields({ parameters }: MethodCall): Partial<ChatInviteLink> {
  const name = given(parameters.text('name'));
  const expire_date = given(integerOf(parameters, 'expire_date'));
  const member_limit = given(integerOf(parameters, 'member_limit'));
  return {
    creates_join_request: parameters.flag('creates_join_request'),
    ...(name && { name }),
    ...(expire_date && { expire_date }),
    ...(member_limit && { member_limit }),
  };
}

function newLink(call: MethodCall, isPrimary: boolean): ChatInviteLink {
  const dialog = linkable(call);
  const link: ChatInviteLink = {
    invite_link: `https://t.me/+${randomBytes(12).toString('base64url')}`,
    creator: call.bot.user,
    creates_join_request: false,
    is_primary: isPrimary,
    is_revoked: false,
    ...linkFields(call),
  };
  dialog.members.inviteLinks.set(link.invite_link, link);
  return link;
}

function replaceLink(call: MethodCall, fields: Partial<ChatInviteLink>): ChatInviteLink {
  const text = required(call.parameters, 'invite_link');
  const { inviteLinks } = linkable(call).members;
  const known = inviteLinks.get(text);
  if (!known) throw badRequest('INVITE_HASH_EXPIRED');
  const link = { ...known, ...fields };
  inviteLinks.set(text, link);
  return link;
}

/** DialogInviteLinkManager::can_manage_dialog_invite_links */
function linkable(call: MethodCall): Dialog {
  const refusal = 'not enough rights to manage chat invite link';
  const dialog = groupOf(call, refusal);
  needRight(call, dialog, 'can_invite_users', refusal);
  return dialog;
}

function decideJoinRequest(call: MethodCall, isApproved: boolean): true {
  const dialog = groupOf(call, "the chat can't have join requests");
  const refusal = 'not enough rights to manage chat join requests';
  needRight(call, dialog, 'can_invite_users', refusal);
  const { joinRequests } = dialog.members;
  const user = joinRequests.get(Number(call.parameters.text('user_id')));
  if (!user) throw badRequest('HIDE_REQUESTER_MISSING');
  joinRequests.delete(user.id);
  if (!isApproved) return true;
  changeMember(call.bot, dialog, { status: 'member', user }, user);
  if (dialog.chat.type !== 'channel') announce(call, dialog, { new_chat_members: [user] });
  return true;
}
