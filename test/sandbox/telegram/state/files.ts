import { createHash } from 'node:crypto';
import type { File, PhotoSize } from '@grammyjs/types';
import type { ImageSize } from './image.ts';

/** The kinds of files that messages carry, by the name of their field in a message. */
export type FileKind =
  | 'photo'
  | 'audio'
  | 'document'
  | 'video'
  | 'animation'
  | 'voice'
  | 'video_note'
  | 'sticker'
  | 'thumbnail';

export interface NewFile {
  readonly kind: FileKind;
  readonly content: Buffer;
  readonly fileName?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Tells apart files with the same content, which are the sizes of one photo. */
  readonly variant?: string;
}

export interface StoredFile extends NewFile {
  readonly id: string;
  readonly uniqueId: string;
  /** The path below `/file/bot<token>/`. */
  readonly path: string;
}

const FOLDERS: Record<FileKind, string> = {
  photo: 'photos',
  audio: 'music',
  document: 'documents',
  video: 'videos',
  animation: 'animations',
  voice: 'voice',
  video_note: 'video_notes',
  sticker: 'stickers',
  thumbnail: 'thumbnails',
};

const EXTENSIONS: Record<FileKind, string> = {
  photo: '.jpg',
  audio: '.mp3',
  document: '',
  video: '.mp4',
  animation: '.mp4',
  voice: '.oga',
  video_note: '.mp4',
  sticker: '.webp',
  thumbnail: '.jpg',
};

/** The longest sides of the sizes that Telegram makes of a photo, up to the largest one. */
const PHOTO_BOXES = [90, 320, 800, 1280];
const LARGEST_PHOTO = 2560;

/** The files that a bot knows. As on Telegram, a file's id is valid for one bot, its unique id for all. */
export class Files {
  private readonly byId = new Map<string, StoredFile>();
  /** The sizes of a photo, by the id of each of them. */
  private readonly sizes = new Map<string, PhotoSize[]>();
  private readonly byPath = new Map<string, StoredFile>();

  add(file: NewFile): StoredFile {
    const number = this.byId.size;
    const hash = createHash('sha256')
      .update(`${file.kind}${file.variant ?? ''}`)
      .update(file.content)
      .digest('base64url');
    const uniqueId = `AQAD${hash.slice(0, 12)}`;
    const extension = /\.\w+$/.exec(file.fileName ?? '')?.[0] ?? EXTENSIONS[file.kind];
    const stored: StoredFile = {
      ...file,
      id: `BQACAgIAAxk_${file.kind}_${number}_${hash.slice(0, 16)}`,
      uniqueId,
      path: `${FOLDERS[file.kind]}/file_${number}${extension}`,
    };
    this.byId.set(stored.id, stored);
    this.byPath.set(stored.path, stored);
    return stored;
  }

  /** Adds a photo in Telegram's sizes, smallest first. They all have the photo's own content. */
  addPhoto(file: NewFile, { width, height }: ImageSize): PhotoSize[] {
    const longest = Math.max(width, height);
    const boxes = [...PHOTO_BOXES.filter((box) => box < longest), Math.min(longest, LARGEST_PHOTO)];
    const sizes = boxes.map((box) => ({
      ...identity(this.add({ ...file, variant: String(box) })),
      width: Math.max(1, Math.round((width * box) / longest)),
      height: Math.max(1, Math.round((height * box) / longest)),
    }));
    for (const { file_id } of sizes) this.sizes.set(file_id, sizes);
    return sizes;
  }

  /** Returns all sizes of the photo that has a size with this id. */
  photo(id: string): PhotoSize[] | undefined {
    return this.sizes.get(id);
  }

  find(id: string): StoredFile | undefined {
    return this.byId.get(id);
  }

  at(path: string): StoredFile | undefined {
    return this.byPath.get(path);
  }
}

/** Returns the fields that identify a file wherever it appears. */
export function identity({ id, uniqueId, content }: StoredFile): Required<Omit<File, 'file_path'>> {
  return { file_id: id, file_unique_id: uniqueId, file_size: content.length };
}
