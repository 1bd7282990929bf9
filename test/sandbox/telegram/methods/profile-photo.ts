import type { UserProfilePhotos } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { imageSize } from '../state/image.ts';
import type { ProfilePhoto } from '../state/profile.ts';
import {
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  requiredText,
  userIn,
} from './method.ts';

/** The photo in a bot's profile. */
export const profilePhotoMethods: MethodTable = {
  setMyProfilePhoto: (call) => {
    const { bot } = call;
    const photo = readPhoto(call);
    bot.profile.rations.spend('setMyProfilePhoto', bot.now());
    bot.profile.photo = photo;
    return true;
  },
  removeMyProfilePhoto: ({ bot }) => {
    bot.profile.photo = undefined;
    return true;
  },
  getUserProfilePhotos,
};

/** Only bots have photos here: people in the sandbox have none. */
function getUserProfilePhotos(call: MethodCall): UserProfilePhotos {
  const { photo } = call.bot.profile;
  const photos = userIn(call).id === call.bot.id && photo ? [photo.sizes] : [];
  return { total_count: photos.length, photos };
}

/** Client::get_input_chat_photo */
function readPhoto(call: MethodCall): ProfilePhoto {
  const value = jsonOf(call.parameters, 'photo', "can't parse photo JSON object");
  if (value === undefined) throw badRequest("photo isn't specified");
  if (!isRecord(value)) throw badRequest('object expected as profile photo');
  const type = requiredText(value, 'type');
  if (type === 'static') return staticPhoto(call, readUpload(call, value, 'photo'));
  if (type !== 'animated') throw badRequest('invalid profile photo type specified');
  const content = readUpload(call, value, 'animation');
  // Telegram's server: https://core.telegram.org/method/photos.uploadProfilePhoto
  if (content.toString('latin1', 4, 8) !== 'ftyp') throw badRequest('VIDEO_FILE_INVALID');
  const sizes = call.bot.files.addPhoto({ kind: 'photo', content }, { width: 640, height: 640 });
  return { type, content, mainFrameTimestamp: Number(value.main_frame_timestamp ?? 0), sizes };
}

function staticPhoto({ bot }: MethodCall, content: Buffer): ProfilePhoto {
  const size = imageSize(content);
  // Telegram's server, which takes JPEG only
  if (!size || content.readUInt16BE(0) !== 0xffd8) throw badRequest('IMAGE_PROCESS_FAILED');
  return { type: 'static', content, sizes: bot.files.addPhoto({ kind: 'photo', content }, size) };
}

/** Client::get_input_file: a profile photo cannot be reused, so it must be `attach://<name>`. */
function readUpload(
  { parameters }: MethodCall,
  photo: Record<string, unknown>,
  field: string,
): Buffer {
  const upload = parameters.file(requiredText(photo, field).replace(/^attach:\/\//, ''));
  if (!upload) throw badRequest('photo must be uploaded as a file');
  if (upload.length === 0) throw badRequest('file must be non-empty');
  return upload;
}
