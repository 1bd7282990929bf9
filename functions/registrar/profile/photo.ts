import type { PhotoProperties } from '../../contract.ts';
import { TelegramUnreachableError } from '../../telegram/errors.ts';
import { DeploymentError } from '../errors.ts';
import { retry } from '../retry/retry.ts';
import { POLICY_PROPAGATION_MS } from '../retry/time-budget.ts';
import type { AnyMethod, RequestContext } from '../services.ts';
import { type Applied, type ProfileOwner, rationPolicy, write } from './ration.ts';

/** The name of the setting in the app. */
export const PHOTO = 'profile.photo';

/** Whether two declarations mean the same photo. The bucket changes when an account is bootstrapped again. */
export function isSamePhoto(one?: PhotoProperties, other?: PhotoProperties): boolean {
  const identity = (photo?: PhotoProperties) =>
    photo && [photo.Url.split('/').pop(), photo.Type, Number(photo.MainFrameTimestamp ?? 0)];
  return JSON.stringify(identity(one)) === JSON.stringify(identity(other));
}

/** A photo to upload. */
export interface Photo {
  readonly properties: PhotoProperties;
  readonly file: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the photo that is to be set, before anything is changed.
 *
 * @returns undefined if there is to be none
 * @throws DeploymentError
 */
export async function loadPhoto(
  properties: PhotoProperties | undefined,
  context: RequestContext,
): Promise<Photo | undefined> {
  if (!properties) return undefined;
  try {
    const file = await retry(() => context.getObject(properties.Url), {
      ...context,
      policy: () => ({ limitMs: POLICY_PROPAGATION_MS }),
    });
    return { properties, file };
  } catch (error) {
    throw new DeploymentError(
      `${PHOTO} could not be read from the assets of the CDK: ${(error as Error).message}. Deploy again, with ` +
        'npm run deploy: it uploads the file.',
    );
  }
}

/**
 * Sets a photo, or removes that of the stack.
 *
 * @returns if Telegram's rations have postponed it, the id of the photo that the bot has in the meantime
 * @throws ProfileError
 */
export async function replacePhoto(
  photo: Photo | undefined,
  owner: ProfileOwner,
  context: RequestContext,
  applied: Applied,
  beforeAttempt?: () => Promise<void>,
): Promise<string | undefined> {
  const { api, botId } = owner;
  const effect = await write(
    {
      setting: PHOTO,
      isDeclared: photo !== undefined,
      method: 'setMyProfilePhoto',
      beforeAttempt,
      call: () => (photo ? setPhoto(api, photo) : api.call('removeMyProfilePhoto')),
    },
    owner,
    context,
    applied,
  );
  const isPostponed = effect !== 'yes' && !applied.left.includes(PHOTO);
  return isPostponed ? readPhotoId(api, botId, context) : undefined;
}

/**
 * Returns Telegram's id of the bot's photo; empty if it has none. No read gives the file back, so an id only shows that a
 * photo is still the same.
 */
export async function readPhotoId(
  api: AnyMethod,
  botId: string,
  context: RequestContext,
): Promise<string> {
  const { photos } = await retry(
    () => api.call('getUserProfilePhotos', { user_id: Number(botId), limit: 1 }),
    { ...context, policy: rationPolicy },
  );
  if (Array.isArray(photos)) return String(photos[0]?.[0]?.file_unique_id ?? '');
  throw new TelegramUnreachableError('getUserProfilePhotos', 'the answer is JSON without photos');
}

function setPhoto(
  api: AnyMethod,
  { properties: { Type, MainFrameTimestamp }, file }: Photo,
): Promise<true> {
  const main_frame_timestamp = Number(MainFrameTimestamp ?? 0);
  return api.call('setMyProfilePhoto', {
    photo:
      Type === 'animated'
        ? { type: 'animated', animation: file, main_frame_timestamp }
        : { type: 'static', photo: file },
  });
}
