import type { Message } from '@grammyjs/types';

/** Contents that a file of the chat can show or play, in the order in which they count: an animation is a document too. */
const FILES = [
  'animation',
  'photo',
  'video',
  'video_note',
  'audio',
  'voice',
  'sticker',
  'document',
] as const;
export type FileContent = (typeof FILES)[number];

const OTHERS = [
  'story',
  'paid_media',
  'contact',
  'dice',
  'game',
  'poll',
  'venue',
  'location',
  'checklist',
  'invoice',
] as const;

/** Returns which kind of file a message has. */
export function fileContent(message: Message): FileContent | undefined {
  return FILES.find((kind) => message[kind] !== undefined);
}

/** Whether a message has a content that is neither a text nor a file. */
export function hasOtherContent(message: Message): boolean {
  return OTHERS.some((kind) => message[kind] !== undefined);
}

/** Whether a message tells of the chat itself: a member has joined, a message was pinned. */
export function isService(message: Message): boolean {
  return message.text === undefined && !fileContent(message) && !hasOtherContent(message);
}
