import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TelegramFixture } from './fixtures.ts';
import { PLACEHOLDER_PNG } from './state/image.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
});
afterEach(() => stage.close());

async function result(method: string, parameters: object = {}): Promise<unknown> {
  const { answer } = await stage.call(method, parameters);
  return answer.ok ? answer.result : answer.description;
}

/** The start of a JPEG of 640 by 480 pixels. */
const jpeg = Buffer.concat([
  Buffer.from('ffd8ffc0000b0801e0028001012200', 'hex'),
  Buffer.alloc(16, 'photo'),
]);
const mp4 = Buffer.concat([Buffer.from('00000018', 'hex'), Buffer.from('ftypisom video')]);

describe('the photo', () => {
  async function setPhoto(photo: object, file: Buffer): Promise<unknown> {
    const { answer } = await stage.upload('setMyProfilePhoto', {
      photo: JSON.stringify(photo),
      file,
    });
    return answer.ok ? answer.result : answer.description;
  }

  const photosOfBot = () => result('getUserProfilePhotos', { user_id: stage.bot.id });

  it('is set, replaced and removed', async () => {
    expect(await photosOfBot()).toEqual({ total_count: 0, photos: [] });
    expect(await setPhoto({ type: 'static', photo: 'attach://file' }, jpeg)).toBe(true);
    expect(stage.bot.profile.photo).toMatchObject({ type: 'static', content: jpeg });
    expect(await photosOfBot()).toMatchObject({
      total_count: 1,
      photos: [expect.arrayContaining([expect.objectContaining({ width: 640, height: 480 })])],
    });
    const animated = { type: 'animated', animation: 'attach://file', main_frame_timestamp: 1.5 };
    expect(await setPhoto(animated, mp4)).toBe(true);
    expect(stage.bot.profile.photo).toMatchObject({
      type: 'animated',
      content: mp4,
      mainFrameTimestamp: 1.5,
    });
    expect(await result('removeMyProfilePhoto')).toBe(true);
    expect(await photosOfBot()).toEqual({ total_count: 0, photos: [] });
  });

  it('can be downloaded in the sizes that people see', async () => {
    await setPhoto({ type: 'static', photo: 'attach://file' }, jpeg);
    const [size] = stage.bot.profile.photo?.sizes ?? [];
    expect(await result('getFile', { file_id: size?.file_id })).toMatchObject({
      file_unique_id: size?.file_unique_id,
      file_size: jpeg.length,
    });
  });

  it.each([
    ['a PNG', { type: 'static', photo: 'attach://file' }, PLACEHOLDER_PNG, 'IMAGE_PROCESS_FAILED'],
    ['a text', { type: 'static', photo: 'attach://file' }, 'text', 'IMAGE_PROCESS_FAILED'],
    ['no video', { type: 'animated', animation: 'attach://file' }, jpeg, 'VIDEO_FILE_INVALID'],
    ['nothing', { type: 'static', photo: 'attach://file' }, '', 'file must be non-empty'],
    ['another name', { type: 'static', photo: 'attach://x' }, jpeg, 'photo must be uploaded'],
  ])('is refused if it is %s', async (_, photo, file, refusal) => {
    expect(await setPhoto(photo, Buffer.from(file))).toContain(`Bad Request: ${refusal}`);
    expect(stage.bot.profile.photo).toBeUndefined();
  });
});

describe('the name', () => {
  it('is what getMe says, and without one it is that of the creation', async () => {
    expect(await result('getMe')).toMatchObject({ first_name: 'Kit' });
    await result('setMyName', { name: 'Shop' });
    await result('setMyName', { name: 'Laden', language_code: 'de' });
    expect(await result('getMe')).toMatchObject({ first_name: 'Shop' });
    await result('setMyName', { name: '' });
    expect(await result('getMe')).toMatchObject({ first_name: 'Kit' });
    expect(await result('getMyName', { language_code: 'de' })).toEqual({ name: 'Laden' });
  });
});

describe('commands', () => {
  it('keep whether they are ephemeral', async () => {
    const commands = [{ command: 'a', description: 'b', is_ephemeral: true }];
    await result('setMyCommands', { commands });
    expect(await result('getMyCommands')).toEqual(commands);
  });
});

describe('the menu button', () => {
  it('has its URL in the form that Telegram gives it', async () => {
    const menu_button = { type: 'web_app', text: 'Shop', web_app: { url: 'https://Shop.example' } };
    await result('setChatMenuButton', { menu_button });
    expect(await result('getChatMenuButton')).toMatchObject({
      web_app: { url: 'https://shop.example/' },
    });
  });
});

describe('default rights of an administrator', () => {
  it.each([
    [false, { can_pin_messages: true }, { can_post_messages: true }],
    [true, { can_post_messages: true }, { can_pin_messages: true }],
  ])('have only what exists there (for_channels %s)', async (for_channels, there, elsewhere) => {
    const rights = { ...there, ...elsewhere };
    await result('setMyDefaultAdministratorRights', { for_channels, rights });
    const read = await result('getMyDefaultAdministratorRights', { for_channels });
    expect(read).toMatchObject({ ...there, can_manage_chat: true });
    expect(read).not.toMatchObject(elsewhere);
  });
});

describe('a ration', () => {
  it.each([
    ['setMyName', { name: 'a' }],
    ['setMyDescription', { description: 'a' }],
    ['setMyShortDescription', { short_description: 'a' }],
  ])('of %s refuses what exceeds it, until its time is over', async (method, parameters) => {
    stage.bot.profile.rations.limit(method, { times: 2, seconds: 86_400 });
    expect(await result(method, parameters)).toBe(true);
    await stage.clock.advance(1_000_000);
    expect(await result(method, { ...parameters, language_code: 'de' })).toBe(true);
    const { status, headers, answer } = await stage.call(method, parameters);
    expect(answer).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 85400',
      parameters: { retry_after: 85_400 },
    });
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({
      status: 429,
      retryAfter: '85400',
    });
    await stage.clock.advance(85_400_000);
    expect(await result(method, parameters)).toBe(true);
  });

  it('of the photo leaves the one that is there', async () => {
    stage.bot.profile.rations.limit('setMyProfilePhoto', { times: 0, seconds: 60 });
    const photo = JSON.stringify({ type: 'static', photo: 'attach://file' });
    const { status } = await stage.upload('setMyProfilePhoto', { photo, file: jpeg });
    expect(status).toBe(429);
    expect(stage.bot.profile.photo).toBeUndefined();
  });

  it('is not used up by what Telegram refuses', async () => {
    stage.bot.profile.rations.limit('setMyName', { times: 1, seconds: 60 });
    await result('setMyName', { name: 'a'.repeat(65) });
    expect(await result('setMyName', { name: 'a' })).toBe(true);
  });
});

it("BotFather's switches show in getMe", async () => {
  expect(await result('getMe')).toMatchObject({ supports_inline_queries: true });
  stage.bot.switch({ supports_inline_queries: false });
  stage.bot.switch({ can_manage_bots: true });
  expect(await result('getMe')).toMatchObject({
    supports_inline_queries: false,
    can_manage_bots: true,
  });
});
