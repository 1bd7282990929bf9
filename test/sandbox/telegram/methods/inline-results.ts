import type { InlineQueryResult } from '@grammyjs/types';
import { badRequest, SandboxLimit } from '../bot-api-error.ts';
import { readMarkup } from '../markup.ts';
import type { Parameters } from '../parameters.ts';
import type { InlineChoice } from '../person/inline-mode.ts';
import type { MessageFields } from '../state/dialog.ts';
import type { FileKind } from '../state/files.ts';
import { fileFields, readFile } from './media.ts';
import { readContact, readLocation, readVenue } from './messages.ts';
import { isRecord, jsonOf, type MethodCall, nested, prefixed } from './method.ts';
import { captionFields, textFields } from './texts.ts';

const MAX_RESULTS = 50;

/** Reads the results of an inline query with the messages that they become (Client::get_inline_query_results). */
export function readInlineResults(call: MethodCall): InlineChoice[] {
  const values = jsonOf(
    call.parameters,
    'results',
    "can't parse JSON encoded inline query results",
  );
  if (values === undefined || values === null) return [];
  if (!Array.isArray(values)) throw badRequest('expected an Array of inline query results');
  if (values.length > MAX_RESULTS) throw badRequest('too many inline query results specified');
  const choices = values.map((value) =>
    prefixed("can't parse inline query result: ", () => readInlineResult(call, value)),
  );
  const ids = choices.map(({ result }) => result.id);
  if (new Set(ids).size < ids.length) throw badRequest('RESULT_ID_DUPLICATE');
  return choices;
}

/** Client::get_inline_query_result */
export function readInlineResult(call: MethodCall, value: unknown): InlineChoice {
  if (!isRecord(value)) throw badRequest('Inline query result must be an object');
  for (const field of ['type', 'id']) {
    if (value[field] === undefined) throw badRequest(`Can't find field "${field}"`);
  }
  const result = value as unknown as InlineQueryResult;
  const id = String(result.id);
  if (id === '' || Buffer.byteLength(id) > 64) throw badRequest('RESULT_ID_INVALID');
  const parameters = nested(call.parameters, value);
  const markup = readMarkup(parameters, { onlyInline: true });
  const fields = messageOf(call, result.type, parameters, value.input_message_content);
  return {
    result,
    fields: {
      ...fields,
      ...(markup && 'inline_keyboard' in markup && { reply_markup: markup }),
    },
  };
}

/** The kinds of files behind the types of results, and the parameters that name them. */
const FILES: Record<string, FileKind> = {
  photo: 'photo',
  gif: 'animation',
  mpeg4_gif: 'animation',
  video: 'video',
  audio: 'audio',
  voice: 'voice',
  document: 'document',
  sticker: 'sticker',
};

function messageOf(
  call: MethodCall,
  type: string,
  parameters: Parameters,
  input: unknown,
): MessageFields {
  const content = isRecord(input)
    ? readContent({ ...call, parameters: nested(call.parameters, input) })
    : undefined;
  if (content) return content;
  if (type === 'article') throw badRequest('Input message content is not specified');
  if (type === 'location') return { location: readLocation(parameters) };
  if (type === 'venue') {
    const venue = readVenue(parameters);
    return { venue, location: venue.location };
  }
  if (type === 'contact') return { contact: readContact(parameters) };
  if (type === 'game') throw new SandboxLimit('games in inline mode');
  const kind = FILES[type];
  if (!kind) throw badRequest(`type "${type}" is unsupported for the inline query result`);
  const file =
    readFile(call, parameters, kind, `${type}_file_id`) ??
    readFile(call, parameters, kind, `${type}_url`);
  if (!file) throw badRequest(`Can't find field "${type}_url"`);
  return { ...fileFields(call, parameters, kind, file), ...captionFields({ ...call, parameters }) };
}

/** Client::get_input_message_content */
function readContent(call: MethodCall): MessageFields | undefined {
  const { parameters } = call;
  if (parameters.text('message_text') !== '') return textFields(call, 'message_text');
  if (parameters.has('latitude') && parameters.has('longitude')) {
    if (!parameters.has('title') || !parameters.has('address')) {
      return { location: readLocation(parameters) };
    }
    const venue = readVenue(parameters);
    return { venue, location: venue.location };
  }
  if (parameters.has('phone_number')) return { contact: readContact(parameters) };
  if (parameters.has('payload')) throw new SandboxLimit('invoices in inline mode');
  if (parameters.has('rich_message')) throw new SandboxLimit('rich messages');
  return undefined;
}
