import type { Message } from '@grammyjs/types';
import { describeContent } from '../../../terminal/describe-message.ts';
import { type FileContent, fileContent } from './kinds.ts';

/** The photo, video, sound or file of a message. */
export function Media({ message }: { readonly message: Message }) {
  const kind = fileContent(message);
  if (!kind) return null;
  const source = `files/${encodeURIComponent(fileIdOf(message, kind))}`;
  const description = describeContent(message);
  const spoiler = message.has_media_spoiler ? ' spoiler-media' : '';
  switch (kind) {
    case 'photo':
      return (
        <a href={source} target="_blank" rel="noopener noreferrer">
          <img class={`media${spoiler}`} src={source} alt={description} {...sizeOf(message)} />
        </a>
      );
    case 'sticker':
      return <Sticker message={message} source={source} />;
    case 'animation':
    case 'video':
    case 'video_note':
      return (
        <figure class="media-figure">
          {/* biome-ignore lint/a11y/useMediaCaption: Telegram's videos have no captions for the deaf */}
          <video class={`media${spoiler}`} src={source} controls preload="metadata" />
          <figcaption>{description}</figcaption>
        </figure>
      );
    case 'audio':
    case 'voice':
      return (
        <figure class="media-figure">
          {/* biome-ignore lint/a11y/useMediaCaption: the same */}
          <audio src={source} controls preload="metadata" />
          <figcaption>{description}</figcaption>
        </figure>
      );
    case 'document':
      return (
        <a class="file" href={source} download={message.document?.file_name ?? ''}>
          <bdi>{message.document?.file_name ?? 'document'}</bdi>
          <span class="muted">{description.replace(/^.*”, /, '')}</span>
        </a>
      );
  }
}

function fileIdOf(message: Message, kind: FileContent): string {
  const file = kind === 'photo' ? message.photo?.at(-1) : message[kind];
  return file?.file_id ?? '';
}

/** Keeps the place of a picture that is still loading. */
function sizeOf({ photo }: Message) {
  const { width, height } = photo?.at(-1) ?? {};
  return { width, height };
}

/** Animated stickers are no pictures for a browser, and the sandbox's own are none at all: an emoji stands for them. */
function Sticker({ message, source }: { readonly message: Message; readonly source: string }) {
  const { sticker } = message;
  return (
    <a class="sticker" href={source} target="_blank" rel="noopener noreferrer">
      <span class="sticker-emoji">{sticker?.emoji ?? '▢'}</span>
      <span class="muted">sticker</span>
    </a>
  );
}
