import type { MessageEntity } from '@grammyjs/types';
import { formatText } from '../formatting/index.ts';
import type { Parameters } from '../parameters.ts';
import type { MessageFields } from '../state/dialog.ts';
import { jsonOf } from './method.ts';

/** Telegram's limits, in characters (options message_text_length_max and message_caption_length_max). */
const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

interface TextParameters {
  readonly text: string;
  readonly parseMode?: string;
  readonly entities?: string;
  readonly maxLength?: number;
  readonly emptyError?: string;
}

/** Reads and formats a text by the names of its parameters. */
export function readText(
  parameters: Parameters,
  { text, parseMode = 'parse_mode', entities = 'entities', ...limits }: TextParameters,
): { text: string; entities: MessageEntity[] } {
  return formatText({
    text: parameters.text(text),
    parseMode: parameters.text(parseMode),
    entities: jsonOrNothing(parameters, entities),
    ...limits,
  });
}

/** Client::get_input_entities: broken JSON counts as no entities. */
function jsonOrNothing(parameters: Parameters, name: string): MessageEntity[] | undefined {
  try {
    const value = parameters.json(name);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a message. */
export function textFields(parameters: Parameters, name = 'text'): MessageFields {
  const { text, entities } = readText(parameters, {
    text: name,
    maxLength: MAX_TEXT,
    emptyError: 'message text is empty',
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
export function captionFields(parameters: Parameters): MessageFields {
  const { text, entities } = readText(parameters, {
    text: 'caption',
    entities: 'caption_entities',
    maxLength: MAX_CAPTION,
  });
  return {
    ...(text && { caption: text }),
    ...(entities.length > 0 && { caption_entities: entities }),
    ...(text && parameters.flag('show_caption_above_media') && { show_caption_above_media: true }),
    ...(parameters.flag('has_spoiler') && { has_media_spoiler: true }),
  };
}
