import type { Action } from '../../protocol.ts';

export type AttachmentKind = Extract<Action, { do: 'send file' }>['kind'];

/** In Base64, with the rest of the action, it stays below the server's 20 MB. */
export const MAX_ATTACHMENT_BYTES = 14_000_000;

/** Returns how Telegram's apps send a file of this type, unless the person wants it otherwise. */
export function kindFor(mimeType: string): AttachmentKind {
  if (/^image\/(png|jpeg|webp)$/.test(mimeType)) return 'photo';
  if (mimeType === 'audio/ogg') return 'voice';
  if (mimeType.startsWith('audio/')) return 'audio';
  if (mimeType === 'video/mp4') return 'video';
  return 'document';
}
