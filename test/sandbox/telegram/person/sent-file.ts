import { badRequest } from '../bot-api-error.ts';
import { findEntities } from '../formatting/index.ts';
import type { MessageFields } from '../state/dialog.ts';
import type { FileKind, Files, NewFile } from '../state/files.ts';
import { imageSize, PLACEHOLDER_PNG } from '../state/image.ts';
import { type MediaDetails, mediaFields } from '../state/media.ts';

/** A file that a person sends. */
export interface FileToSend extends Omit<MediaDetails, 'thumbnail'> {
  /** @default - a grey picture of one pixel as a photo, a few bytes as anything else */
  readonly content?: Buffer | string;
  readonly fileName?: string;
  readonly mimeType?: string;
  readonly caption?: string;
}

/** Stores a file and returns the part of a message that shows it. */
export function storeSentFile(files: Files, kind: FileKind, sent: FileToSend): MessageFields {
  const { content, fileName, mimeType, caption, ...details } = sent;
  const file: NewFile = {
    kind,
    content: Buffer.from(content ?? (kind === 'photo' ? PLACEHOLDER_PNG : `a ${kind}`)),
    fileName: fileName ?? (kind === 'document' ? 'file.txt' : undefined),
    mimeType: mimeType ?? (kind === 'document' && !fileName ? 'text/plain' : undefined),
  };
  const entities = findEntities(caption ?? '');
  return {
    ...(kind === 'photo'
      ? { photo: storePhoto(files, file) }
      : mediaFields(files, files.add(file), kind, details)),
    ...(caption && { caption }),
    ...(entities.length > 0 && { caption_entities: entities }),
  };
}

/** @throws BotApiError when the file is no picture of a format that Telegram knows */
export function storePhoto(files: Files, file: NewFile) {
  const size = imageSize(file.content);
  // Telegram's server, which is not open; the sandbox looks only at a picture's header.
  if (!size) throw badRequest('IMAGE_PROCESS_FAILED');
  if (size.width + size.height > 10_000 || ratio(size.width, size.height) > 20) {
    throw badRequest('PHOTO_INVALID_DIMENSIONS');
  }
  return files.addPhoto(file, size);
}

function ratio(width: number, height: number): number {
  return Math.max(width, height) / Math.max(1, Math.min(width, height));
}
