import type { PhotoSize } from '@grammyjs/types';
import type { MessageFields } from './dialog.ts';
import { type FileKind, type Files, identity, type NewFile, type StoredFile } from './files.ts';
import { imageSize } from './image.ts';

/** What a sender says about a file. The sandbox does not look into audio and video to find out. */
export interface MediaDetails {
  readonly duration?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** The diameter of a video note. */
  readonly length?: number | undefined;
  readonly performer?: string | undefined;
  readonly title?: string | undefined;
  readonly emoji?: string | undefined;
  readonly thumbnail?: NewFile | undefined;
}

const MIME_TYPES: Partial<Record<FileKind, string>> = {
  audio: 'audio/mpeg',
  video: 'video/mp4',
  animation: 'video/mp4',
  voice: 'audio/ogg',
};

/** The types of files that Telegram tells by their names, whatever their sender says. */
const TYPES_BY_EXTENSION: Record<string, string> = {
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  jpg: 'image/jpeg',
  json: 'application/json',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  zip: 'application/zip',
};

function mimeTypeOf({ fileName = '', mimeType }: StoredFile, kind: FileKind): string {
  const extension = fileName.split('.').at(-1)?.toLowerCase() ?? '';
  return (
    TYPES_BY_EXTENSION[extension] ?? mimeType ?? MIME_TYPES[kind] ?? 'application/octet-stream'
  );
}

/** Returns the part of a message that shows a file. */
export function mediaFields(
  files: Files,
  file: StoredFile,
  kind: FileKind,
  details: MediaDetails = {},
): MessageFields {
  const thumbnail = details.thumbnail && thumbnailOf(files, details.thumbnail);
  const common = {
    ...identity(file),
    ...(file.fileName && { file_name: file.fileName }),
    mime_type: mimeTypeOf(file, kind),
    ...(thumbnail && { thumbnail }),
  };
  const { duration = 0, width = 0, height = 0, performer, title } = details;
  switch (kind) {
    case 'photo':
      return { photo: files.photo(file.id) ?? [] };
    case 'audio':
      return {
        audio: {
          ...common,
          duration,
          ...(performer && { performer }),
          ...(title && { title }),
        },
      };
    case 'video':
      return { video: { ...common, duration, width, height } };
    case 'animation':
      // Telegram repeats an animation as a document, for bots that do not know animations.
      return { animation: { ...common, duration, width, height }, document: common };
    case 'voice':
      return {
        voice: { ...identity(file), duration, mime_type: file.mimeType ?? 'audio/ogg' },
      };
    case 'video_note':
      return { video_note: { ...identity(file), duration, length: details.length || 240 } };
    case 'sticker':
      return {
        sticker: {
          ...identity(file),
          ...(imageSize(file.content) ?? { width: 512, height: 512 }),
          type: 'regular',
          is_animated: file.fileName?.endsWith('.tgs') ?? false,
          is_video: file.fileName?.endsWith('.webm') ?? false,
          ...(details.emoji && { emoji: details.emoji }),
        },
      };
    default:
      return { document: common };
  }
}

function thumbnailOf(files: Files, file: NewFile): PhotoSize {
  const size = imageSize(file.content) ?? { width: 320, height: 320 };
  return { ...identity(files.add({ ...file, kind: 'thumbnail' })), ...size };
}
