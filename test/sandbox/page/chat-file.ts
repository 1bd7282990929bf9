import type { Bot } from '../telegram/bot.ts';
import type { FileKind, StoredFile } from '../telegram/state/files.ts';

/** The types that a browser only shows or plays: unlike HTML or SVG, none of them can carry a script. */
const SHOWN = /^(image\/(png|jpeg|gif|webp)|(audio|video)\/[\w.+-]+)$/;

const TYPES: Partial<Record<FileKind, string>> = {
  audio: 'audio/mpeg',
  animation: 'video/mp4',
  video: 'video/mp4',
  video_note: 'video/mp4',
  voice: 'audio/ogg',
};

export interface ChatFile {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

/**
 * Finds a file of a chat, by its `file_id`.
 *
 * @param range is the request's header: Safari plays only what it can ask for in parts, and no browser seeks without
 */
export function findChatFile(
  bots: readonly Pick<Bot, 'files'>[],
  id: string,
  range = '',
): ChatFile | undefined {
  const file = bots.map(({ files }) => files.find(id)).find((found) => found !== undefined);
  if (!file) return undefined;
  const type = (imageType(file.content) ?? file.mimeType ?? TYPES[file.kind] ?? '').toLowerCase();
  const headers: Record<string, string> = SHOWN.test(type)
    ? { 'content-type': type }
    : {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encoded(nameOf(file))}`,
      };
  return part({ status: 200, headers, content: file.content }, range);
}

/** Returns the part that a range of bytes names; all of it for any other range. */
function part(file: ChatFile, range: string): ChatFile {
  const { length } = file.content;
  const headers = { ...file.headers, 'accept-ranges': 'bytes' };
  const [, first = length, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  const [start, end] = [Number(first), Math.min(Number(last || length), length - 1)];
  if (start > end) return { ...file, headers };
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${length}` },
    content: file.content.subarray(start, end + 1),
  };
}

/** Photos have no type of their own, and a sender may say anything: the first bytes tell. */
function imageType(content: Buffer): string | undefined {
  const start = content.toString('latin1', 0, 12);
  if (start.startsWith('\x89PNG')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('GIF8')) return 'image/gif';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  return undefined;
}

function nameOf({ fileName, path }: StoredFile): string {
  return fileName ?? path.replace(/^.*\//, '');
}

/** Encodes a name as RFC 8187 does. Half of a surrogate pair cannot be encoded. */
function encoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
