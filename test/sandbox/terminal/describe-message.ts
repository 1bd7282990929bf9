import type { Message } from '@grammyjs/types';

type Field = Exclude<keyof Message, 'text' | 'caption'>;
type Descriptions = {
  readonly [F in Field]?: (content: NonNullable<Message[F]>) => string;
};

/**
 * What each kind of message shows, without the text or caption. The first kind that a message has counts, because
 * Telegram repeats some contents: an animation is a document too, and a venue a location.
 */
const CONTENT: Descriptions = {
  animation: ({ duration, file_name }) => named('animation', file_name, seconds(duration)),
  audio: ({ title, performer, file_name, duration }) =>
    named('audio', [performer, title].filter(Boolean).join(': ') || file_name, seconds(duration)),
  document: ({ file_name, file_size }) => named('document', file_name, bytes(file_size)),
  photo: (sizes) => named('photo', undefined, pixels(sizes.at(-1))),
  sticker: ({ emoji, set_name }) => named('sticker', emoji, set_name),
  story: () => 'story',
  video: (video) => named('video', video.file_name, seconds(video.duration), pixels(video)),
  video_note: ({ duration }) => named('video note', undefined, seconds(duration)),
  voice: ({ duration }) => named('voice message', undefined, seconds(duration)),
  paid_media: ({ star_count }) => named('paid media', undefined, `${star_count} stars`),
  contact: ({ first_name, last_name, phone_number }) =>
    named('contact', [first_name, last_name].filter(Boolean).join(' '), phone_number),
  dice: ({ emoji, value }) => named('dice', emoji, `shows ${value}`),
  game: ({ title }) => named('game', title),
  poll: ({ type, question, options, correct_option_ids, is_closed }) =>
    named(
      [is_closed && 'closed', type === 'quiz' ? 'quiz' : 'poll'].filter(Boolean).join(' '),
      question,
      options
        .map(({ text }, index) => (correct_option_ids?.includes(index) ? `${text} ✓` : text))
        .join(' / '),
    ),
  venue: ({ title, address }) => named('venue', title, address),
  location: ({ latitude, longitude, live_period }) =>
    named(live_period ? 'live location' : 'location', undefined, `${latitude}, ${longitude}`),
  checklist: ({ title, tasks }) =>
    named('checklist', title, tasks.map(({ text }) => text).join(' / ')),
  invoice: ({ title, currency, total_amount }) =>
    named('invoice', title, `${total_amount} of the smallest unit of ${currency}`),
  new_chat_members: (users) => `${users.map(nameOf).join(', ')} joined`,
  left_chat_member: (user) => `${nameOf(user)} left`,
  new_chat_title: (title) => `the title is now “${title}”`,
  new_chat_photo: () => 'the chat has a new photo',
  delete_chat_photo: () => 'the chat no longer has a photo',
  group_chat_created: () => 'the group was created',
  supergroup_chat_created: () => 'the supergroup was created',
  channel_chat_created: () => 'the channel was created',
  migrate_to_chat_id: (id) => `the group became the supergroup ${id}`,
  migrate_from_chat_id: (id) => `the supergroup was the group ${id}`,
  pinned_message: (pinned) =>
    'text' in pinned ? `pinned: ${describeMessage(pinned as Message)}` : 'pinned a message',
  message_auto_delete_timer_changed: ({ message_auto_delete_time: time }) =>
    `messages are deleted after ${time} s`,
  successful_payment: ({ currency, total_amount }) =>
    named('payment', undefined, `${total_amount} of the smallest unit of ${currency}`),
  web_app_data: ({ button_text }) => named('data of a Mini App', button_text),
  write_access_allowed: () => 'the bot may write',
  forum_topic_created: ({ name }) => `the topic “${name}” was created`,
  forum_topic_closed: () => 'the topic was closed',
  forum_topic_reopened: () => 'the topic was reopened',
};

/** Describes a message of any kind in a readable line: `[photo, 800×600] A caption`. */
export function describeMessage(message: Message): string {
  const { text, caption, media_group_id } = message;
  if (text !== undefined) return text;
  const album = media_group_id === undefined ? [] : ['album'];
  const parts = [describeContent(message), ...album].join(', ');
  return [`[${parts}]`, caption].filter(Boolean).join(' ');
}

/** Describes what a message shows besides its text or caption: `photo, 800×600`. */
export function describeContent(message: Message): string {
  for (const [field, describe] of Object.entries(CONTENT)) {
    const content = message[field as Field];
    if (content !== undefined) return (describe as (content: unknown) => string)(content);
  }
  const known = ['message_id', 'from', 'chat', 'date', 'reply_markup', 'reply_to_message'];
  const [other] = Object.keys(message).filter((field) => !known.includes(field));
  return other?.replaceAll('_', ' ') ?? 'empty message';
}

/** Returns for example `document “a.pdf”, 12 kB`. */
function named(kind: string, name: string | undefined, ...details: (string | undefined)[]): string {
  return [name ? `${kind} “${name}”` : kind, ...details].filter(Boolean).join(', ');
}

function nameOf({ first_name, username }: { first_name: string; username?: string }): string {
  return username ? `@${username}` : first_name;
}

function seconds(duration: number): string {
  return `${duration} s`;
}

function bytes(size: number | undefined): string | undefined {
  if (size === undefined) return undefined;
  return size < 1000 ? `${size} bytes` : `${Math.round(size / 1000)} kB`;
}

function pixels(size: { width: number; height: number } | undefined): string | undefined {
  return size && `${size.width}×${size.height}`;
}
