import type { MessageEntity } from '@grammyjs/types';
import {
  entitiesOf,
  formatText,
  MAX_CAPTION_LENGTH,
  MAX_MESSAGE_LENGTH,
} from '../formatting/index.ts';
import type { MessageFields } from '../state/dialog.ts';
import { jsonOf, type MethodCall } from './method.ts';

/** The parameters to read a text from, and the bot that knows whom it may mention. */
export type TextSource = Pick<MethodCall, 'bot' | 'parameters'>;

interface TextParameters {
  readonly text: string;
  readonly parseMode?: string;
  readonly entities?: string;
  readonly maxLength?: number;
  readonly emptyError?: string;
  readonly tooLongError?: string;
}

/** Reads and formats a text by the names of its parameters. */
export function readText(
  { bot, parameters }: TextSource,
  { text, parseMode = 'parse_mode', entities = 'entities', ...limits }: TextParameters,
): { text: string; entities: MessageEntity[] } {
  return formatText({
    text: parameters.text(text),
    parseMode: parameters.text(parseMode),
    entities: entitiesOf(parameters, entities),
    userWithId: (id) => bot.findPerson(id)?.person,
    ...limits,
  });
}

/** The text of a message. */
export function textFields(source: TextSource, name = 'text'): MessageFields {
  const { parameters } = source;
  const { text, entities } = readText(source, {
    text: name,
    maxLength: MAX_MESSAGE_LENGTH,
    emptyError: 'Message text is empty',
  });
  const preview = jsonOf(
    parameters,
    'link_preview_options',
    "can't parse link preview options JSON object",
  );
  return {
    text,
    ...(entities.length > 0 && { entities }),
    ...(preview !== undefined && { link_preview_options: preview as object }),
    ...(preview === undefined &&
      parameters.flag('disable_web_page_preview') && {
        link_preview_options: { is_disabled: true },
      }),
  };
}

/** The caption of a message with media; nothing without a caption. */
export function captionFields(source: TextSource): MessageFields {
  const { parameters } = source;
  const { text, entities } = readText(source, {
    text: 'caption',
    entities: 'caption_entities',
    maxLength: MAX_CAPTION_LENGTH,
    tooLongError: 'Message caption is too long',
  });
  return {
    ...(text && { caption: text }),
    ...(entities.length > 0 && { caption_entities: entities }),
    ...(text && parameters.flag('show_caption_above_media') && { show_caption_above_media: true }),
    ...(parameters.flag('has_spoiler') && { has_media_spoiler: true }),
  };
}
