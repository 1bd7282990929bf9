import type { ForumTopic } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { Dialog } from '../state/dialog.ts';
import type { TopicState } from '../state/topics.ts';
import { announce } from './chats.ts';
import { dialogOf, integerOf, type MethodCall, type MethodTable, needRight } from './method.ts';

/** Topics of forums. */
export const topicMethods: MethodTable = {
  createForumTopic,
  editForumTopic: (call) => {
    const { dialog, topic } = topicOf(call);
    const { parameters } = call;
    const name = parameters.text('name');
    const icon = parameters.text('icon_custom_emoji_id');
    if (name.length > MAX_NAME) throw badRequest('TOPIC_TITLE_INVALID');
    const changes = { ...(name && { name }), ...(icon && { icon_custom_emoji_id: icon }) };
    dialog.topics.set({ ...topic, ...changes });
    announceIn(call, dialog, topic, { forum_topic_edited: changes });
    return true;
  },
  closeForumTopic: (call) => setClosed(call, true),
  reopenForumTopic: (call) => setClosed(call, false),
  deleteForumTopic: (call) => {
    const { dialog, topic } = topicOf(call);
    dialog.topics.delete(topic.message_thread_id);
    for (const { message_id, message_thread_id } of dialog.messages) {
      if (message_thread_id === topic.message_thread_id) dialog.delete(message_id);
    }
    return true;
  },
  editGeneralForumTopic: (call) => {
    const dialog = forumOf(call);
    const name = nameOf(call);
    dialog.topics.general = { ...dialog.topics.general, name };
    announce(call, dialog, { forum_topic_edited: { name } });
    return true;
  },
  closeGeneralForumTopic: (call) =>
    changeGeneral(call, { isClosed: true }, { forum_topic_closed: {} }),
  reopenGeneralForumTopic: (call) =>
    changeGeneral(call, { isClosed: false }, { forum_topic_reopened: {} }),
  hideGeneralForumTopic: (call) =>
    changeGeneral(call, { isHidden: true }, { general_forum_topic_hidden: {} }),
  unhideGeneralForumTopic: (call) =>
    changeGeneral(call, { isHidden: false }, { general_forum_topic_unhidden: {} }),
};

/** ForumTopicManager.h: MAX_FORUM_TOPIC_TITLE_LENGTH */
const MAX_NAME = 128;
const COLORS = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f] as const;

function createForumTopic(call: MethodCall): ForumTopic {
  const { parameters } = call;
  const dialog = forumOf(call);
  const name = nameOf(call);
  const color = integerOf(parameters, 'icon_color') || COLORS[0];
  if (!COLORS.some((known) => known === color)) throw badRequest('COLOR_INVALID');
  const icon = parameters.text('icon_custom_emoji_id');
  const look = { name, icon_color: color, ...(icon && { icon_custom_emoji_id: icon }) };
  const message = announce(call, dialog, { forum_topic_created: look, is_topic_message: true });
  const topic = { message_thread_id: message.message_id, ...look };
  dialog.topics.set({ ...topic, isClosed: false });
  return topic;
}

/** ForumTopicManager::can_be_forum, then the right to manage topics. */
function forumOf(call: MethodCall): Dialog {
  const dialog = dialogOf(call, 'write');
  if (dialog.chat.type !== 'supergroup' || !dialog.chat.is_forum) {
    throw badRequest('the chat is not a forum');
  }
  needRight(call, dialog, 'can_manage_topics', 'not enough rights to create a topic');
  return dialog;
}

function nameOf({ parameters }: MethodCall): string {
  const name = parameters.text('name').trim();
  if (name === '') throw badRequest('name must be non-empty');
  return [...name].slice(0, MAX_NAME).join('');
}

function topicOf(call: MethodCall): { dialog: Dialog; topic: TopicState } {
  const dialog = forumOf(call);
  const topic = dialog.topics.find(integerOf(call.parameters, 'message_thread_id'));
  // Telegram's server: https://core.telegram.org/method/messages.editForumTopic
  if (!topic) throw badRequest('TOPIC_ID_INVALID');
  return { dialog, topic };
}

function setClosed(call: MethodCall, isClosed: boolean): true {
  const { dialog, topic } = topicOf(call);
  if (topic.isClosed === isClosed) throw badRequest('TOPIC_NOT_MODIFIED');
  dialog.topics.set({ ...topic, isClosed });
  const fields = isClosed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
  announceIn(call, dialog, topic, fields);
  return true;
}

function announceIn(
  call: MethodCall,
  dialog: Dialog,
  { message_thread_id }: TopicState,
  fields: Parameters<typeof announce>[2],
): void {
  announce(call, dialog, { ...fields, message_thread_id, is_topic_message: true });
}

function changeGeneral(
  call: MethodCall,
  changes: Partial<Dialog['topics']['general']>,
  fields: Parameters<typeof announce>[2],
): true {
  const dialog = forumOf(call);
  const changed = { ...dialog.topics.general, ...changes };
  const { isClosed, isHidden } = dialog.topics.general;
  if (changed.isClosed === isClosed && changed.isHidden === isHidden) {
    throw badRequest('TOPIC_NOT_MODIFIED');
  }
  dialog.topics.general = changed;
  announce(call, dialog, fields);
  return true;
}
