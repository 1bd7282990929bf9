import type { Message, PaidMedia } from '@grammyjs/types';
import { badRequest, SandboxLimit } from '../bot-api-error.ts';
import type { Parameters } from '../parameters.ts';
import { storePhoto } from '../person/sent-file.ts';
import type { MessageFields } from '../state/dialog.ts';
import type { FileKind, NewFile, StoredFile } from '../state/files.ts';
import { PLACEHOLDER_PNG } from '../state/image.ts';
import { type MediaDetails, mediaFields } from '../state/media.ts';
import {
  integerOf,
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  nested,
  prefixed,
  required,
} from './method.ts';
import { destinationOf, send, sendTo } from './sending.ts';
import { captionFields } from './texts.ts';

/** Messages with files. */
export const mediaMethods: MethodTable = {
  sendPhoto: (call) => sendFile(call, 'photo'),
  sendAudio: (call) => sendFile(call, 'audio'),
  sendDocument: (call) => sendFile(call, 'document'),
  sendVideo: (call) => sendFile(call, 'video'),
  sendAnimation: (call) => sendFile(call, 'animation'),
  sendVoice: (call) => sendFile(call, 'voice'),
  sendVideoNote: (call) => sendFile(call, 'video_note'),
  sendSticker: (call) => sendFile(call, 'sticker'),
  sendMediaGroup,
  sendPaidMedia,
};

function sendFile<M extends Message>(call: MethodCall, kind: FileKind): M {
  const file = readFile(call, call.parameters, kind);
  // Client::process_send_photo_query and its like
  if (!file) throw badRequest(`there is no ${kind.replace('_', ' ')} in the request`);
  const hasCaption = kind !== 'video_note' && kind !== 'sticker';
  const caption = hasCaption ? captionFields(call) : {};
  return send(call, { ...fileFields(call, call.parameters, kind, file), ...caption });
}

/** A file that a call names: one that Telegram has, or a new one. */
type GivenFile = { readonly stored: StoredFile } | { readonly upload: NewFile };

/** Reads a file parameter: an id, a URL, `attach://<name>`, or an upload (Client::get_input_file). */
export function readFile(
  call: MethodCall,
  parameters: Parameters,
  kind: FileKind,
  name: string = kind,
): GivenFile | undefined {
  const value = parameters.text(name);
  const attached = /^attach:\/\/(.*)$/.exec(value)?.[1];
  if (value !== '' && attached === undefined) return remoteFile(call, kind, value);
  const upload = parameters.files.get(attached ?? name);
  if (!upload) return undefined;
  // FileLoaderUtils: check_partial_local_location
  if (upload.content.length === 0) throw badRequest('file must be non-empty');
  return { upload: { kind, ...upload } };
}

function remoteFile(call: MethodCall, kind: FileKind, value: string): GivenFile {
  const stored = call.bot.files.find(value);
  if (stored) {
    // FileManager::from_persistent_id_v23: all kinds of documents can stand in for each other.
    if ((stored.kind === 'photo') !== (kind === 'photo')) {
      throw badRequest(`can't use file of type ${typeName(stored.kind)} as ${typeName(kind)}`);
    }
    return { stored };
  }
  if (!/^https?:\/\/[^/]+\.[^/]+/i.test(value)) {
    throw badRequest('wrong file identifier/HTTP URL specified');
  }
  call.note(`The sandbox is offline: a placeholder stands in for ${value}`);
  const fileName = decodeURIComponent(new URL(value).pathname.split('/').at(-1) ?? '');
  const content = kind === 'photo' ? PLACEHOLDER_PNG : Buffer.from(`in place of ${value}`);
  return { upload: { kind, content, ...(fileName && kind !== 'photo' && { fileName }) } };
}

/** FileType's names in TDLib. */
function typeName(kind: FileKind): string {
  if (kind === 'voice') return 'VoiceNote';
  return kind.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}

/** Returns the part of a message that shows a file which the call sends. */
export function fileFields(
  call: MethodCall,
  parameters: Parameters,
  kind: FileKind,
  file: GivenFile,
): MessageFields {
  const { files } = call.bot;
  if ('upload' in file && kind === 'photo') return { photo: storePhoto(files, file.upload) };
  const stored = 'stored' in file ? file.stored : files.add(file.upload);
  return mediaFields(files, stored, kind, readDetails(parameters));
}

function readDetails(parameters: Parameters): MediaDetails {
  const upload = thumbnailOf(parameters);
  return {
    duration: integerOf(parameters, 'duration'),
    width: integerOf(parameters, 'width'),
    height: integerOf(parameters, 'height'),
    length: integerOf(parameters, 'length'),
    performer: parameters.text('performer'),
    title: parameters.text('title'),
    emoji: parameters.text('emoji'),
    thumbnail: upload && { kind: 'thumbnail', ...upload },
  };
}

/** Thumbnails can only be uploaded: other values are ignored (Client::get_input_thumbnail). */
function thumbnailOf(parameters: Parameters) {
  for (const name of ['thumbnail', 'thumb']) {
    const attached = /^attach:\/\/(.*)$/.exec(parameters.text(name))?.[1];
    const upload = parameters.files.get(attached ?? name);
    if (upload) return upload;
  }
  return undefined;
}

const INPUT_MEDIA: readonly FileKind[] = ['photo', 'video', 'animation', 'audio', 'document'];

/** Reads one item of `media`, an object that names its file (Client::get_input_media). */
export function readInputMedia(call: MethodCall, value: unknown, forAlbum: boolean): MessageFields {
  return prefixed("can't parse InputMedia: ", () => {
    if (!isRecord(value)) throw badRequest('expected an Object');
    const parameters = nested(call.parameters, value);
    const caption = captionFields({ ...call, parameters });
    const type = parameters.text('type');
    if (type === '') throw badRequest('Can\'t find field "type"');
    if (type === 'live_photo') throw new SandboxLimit('live photos');
    const kind = INPUT_MEDIA.find((known) => known === type);
    const file = readFile(call, parameters, kind ?? 'document', 'media');
    if (!file) throw badRequest('media not found');
    if (!kind) throw badRequest(`type "${type}" is unsupported`);
    if (kind === 'animation' && forAlbum) {
      throw badRequest(`type "${type}" can't be used in sendMediaGroup`);
    }
    return { ...fileFields(call, parameters, kind, file), ...caption };
  });
}

/** TDLib's names of the contents that cannot be mixed with others in an album. */
const HOMOGENOUS = { audio: 'Audio', document: 'Document' };

function sendMediaGroup(call: MethodCall): ReturnType<NonNullable<MethodTable['sendMediaGroup']>> {
  required(call.parameters, 'media');
  const media = jsonOf(call.parameters, 'media', "can't parse media JSON object");
  if (!Array.isArray(media)) throw badRequest('expected an Array of InputMedia');
  const items = media.map((item) => readInputMedia(call, item, true));
  const destination = destinationOf({ ...call, parameters: withoutMarkup(call.parameters) });
  // MessageContent.cpp: check_message_group_message_contents
  if (items.length > 10) throw badRequest('too many messages to send as an album');
  if (items.length === 0) throw badRequest('there are no messages to send');
  for (const [kind, name] of Object.entries(HOMOGENOUS)) {
    const same = items.filter((item) => kind in item).length;
    if (same > 0 && same < items.length) {
      throw badRequest(`${name} can't be mixed with other media types`);
    }
  }
  // A single item is sent as a message of its own.
  const group = items.length > 1 ? { media_group_id: call.bot.queries.newId() } : {};
  return items.map((item) => sendTo(call, destination, { ...item, ...group }));
}

/** Albums have no buttons: Telegram ignores `reply_markup` (Client::process_send_media_group_query). */
function withoutMarkup(parameters: Parameters): Parameters {
  const { reply_markup, ...texts } = Object.fromEntries(parameters.texts);
  return parameters.with(texts);
}

function sendPaidMedia(call: MethodCall): Message.PaidMediaMessage {
  const { parameters } = call;
  const media = jsonOf(parameters, 'media', "can't parse input paid media JSON object");
  if (!Array.isArray(media)) throw badRequest('expected an Array of InputPaidMedia');
  const items = media.map((item) => readInputMedia(call, item, true));
  const stars = integerOf(parameters, 'star_count');
  // MessageContent.cpp: create_input_message_content
  if (stars === 0 || stars > 25_000) throw badRequest('invalid media price specified');
  if (items.length === 0) throw badRequest('paid media must be non-empty');
  if (items.length > 10) throw badRequest('invalid number of paid media specified');
  const paid = items.map(({ photo = [], video }): PaidMedia => {
    return video ? { type: 'video', video } : { type: 'photo', photo };
  });
  return send(call, {
    paid_media: { star_count: stars, paid_media: paid },
    ...captionFields(call),
  });
}
