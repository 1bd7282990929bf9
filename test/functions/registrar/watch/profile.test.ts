import { beforeEach, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../../functions/contract.ts';
import { encodeUnfinished } from '../../../../functions/registrar/profile/unfinished.ts';
import { unhealthiness } from '../../../../functions/registrar/watch/watch.ts';
import { foreignUrl, handle, refusedWith } from '../fakes.ts';
import { ProfileModel } from '../profile/profile-model.ts';
import { eventOf } from '../profile/scenario.ts';
import { check, type Deployed, makeDeployed, show } from './fixtures.ts';

const commands = [{ command: 'start', description: 'Begin' }];
const Slots = [{ name: 'Shop' }, { commands }].map((slot) => JSON.stringify(slot));
const Photo = { Url: 'https://s3.us-east-1.amazonaws.com/assets/one.jpg', Type: 'static' } as const;
const Profile = { Slots, Unfinished: '' };

let bot: Deployed;
let model: ProfileModel;

beforeEach(() => {
  bot = makeDeployed();
  model = new ProfileModel(bot.clock);
  bot.telegram.call = model.call;
  bot.updatedAt = bot.clock.now() - 3_600_000;
  model.edit('name', {}, 'Shop');
  model.edit('commands', {}, commands);
});

const checkProfile = async (changes: Partial<WatchEvent> = {}) =>
  (await check(bot, { Profile, ...changes })).profile;
const level = () => bot.lines.at(-1)?.level;
const drift = { setting: 'profile.name', declared: '"Shop"', actual: '"Store"' };

describe('a check of a profile', () => {
  it('finds nothing to do when it is as declared', async () => {
    expect(await checkProfile()).toEqual({ differences: [] });
    expect([level(), model.writes]).toEqual(['info', []]);
  });

  it('repairs the rest when the bot was removed from a chat, and says what it did not see', async () => {
    const scope = { type: 'chat', chat_id: 42 };
    const inChat = { Slots: [...Slots, JSON.stringify({ commands, scope })], Unfinished: '' };
    const because =
      'Left as it is, since another process has set it or Telegram refuses access to it: profile.commands (scope chat 42).';
    model.lostChats.add(42);
    expect(await checkProfile({ Profile: inChat })).toEqual({ differences: [], because });
    expect(level()).toBe('warn');
    model.edit('name', {}, 'Store');
    const repaired = { differences: [drift], repair: 'done', because };
    expect(await checkProfile({ Profile: inChat })).toEqual(repaired);
    expect(model.read('name', {})).toBe('Shop');
  });

  it('is left out for a bot without one', async () => {
    expect(await checkProfile({ Profile: undefined })).toBeUndefined();
    expect(model.reads).toEqual([]);
  });

  it('repairs what another process has changed, as a warning that says nothing about the webhook', async () => {
    model.edit('name', {}, 'Store');
    const report = await check(bot, { Profile });
    expect(report).toMatchObject({
      condition: 'healthy',
      severity: 'ok',
      profile: { differences: [drift], repair: 'done' },
    });
    expect(model.read('name', {})).toBe('Shop');
    expect([level(), unhealthiness(report)]).toEqual(['warn', 0]);
  });

  it.each<[string, Partial<WatchEvent>, string | undefined]>([
    ['for npm run status', { Purpose: 'status' }, undefined],
    ['without repair', { Repair: 'false' }, 'off'],
  ])('only reports %s', async (_what, changes, repair) => {
    model.edit('name', {}, 'Store');
    expect(await checkProfile(changes)).toEqual({
      differences: [drift],
      ...(repair && { repair }),
    });
    expect(model.writes).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['is being updated', 'UPDATE_IN_PROGRESS', 60],
    ['is being deleted', 'DELETE_IN_PROGRESS', 60],
    ['was just deployed', 'UPDATE_COMPLETE', 1],
  ])('repairs nothing while the stack %s', async (_what, status, minutesAgo) => {
    bot.status = () => status;
    bot.updatedAt = bot.clock.now() - minutesAgo * 60_000;
    model.edit('name', {}, 'Store');
    expect(await checkProfile()).toMatchObject({
      repair: 'postponed',
      because: expect.stringContaining('It is not repaired yet, because the stack is'),
    });
    expect(model.writes).toEqual([]);
  });

  it('looks at the stack again before each attempt', async () => {
    model.edit('name', {}, 'Store');
    let attempts = 0;
    model.fault = (method) => {
      if (method !== 'setMyName') return undefined;
      attempts++;
      bot.status = () => 'DELETE_IN_PROGRESS';
      return refusedWith(502, 'Bad Gateway');
    };
    expect(await checkProfile()).toMatchObject({ repair: 'postponed' });
    expect([attempts, model.read('name', {})]).toEqual([1, 'Store']);
  });

  it('shows the URL of a web app, which is no secret, and the beginning of a long text', async () => {
    const button = (url: string) => ({ type: 'web_app', text: 'Shop', web_app: { url } });
    const description = 'x'.repeat(512);
    const slots = [{ menu_button: button('https://new.example/') }, { description }];
    model.edit('menu_button', {}, button('https://old.example/'));
    const Slots = slots.map((slot) => JSON.stringify(slot));
    const profile = await checkProfile({ Profile: { Slots, Unfinished: '' }, Purpose: 'status' });
    expect(profile?.differences).toEqual([
      {
        setting: 'profile.menuButton',
        declared: '"Shop" (https://new.example/)',
        actual: '"Shop" (https://old.example/)',
      },
      { setting: 'profile.description', declared: `"${'x'.repeat(199)}…`, actual: 'none' },
    ]);
  });

  it('leaves the profile alone when the bot delivers elsewhere', async () => {
    show(bot, { url: foreignUrl });
    model.edit('name', {}, 'Store');
    expect(await checkProfile()).toBeUndefined();
    expect(model.reads).toEqual([]);
  });

  it('says what Telegram refuses, with the setting, and that it is not repaired', async () => {
    model.edit('name', {}, 'Store');
    model.fault = (method) =>
      method === 'setMyName' ? refusedWith(400, 'Bad Request: no') : undefined;
    expect(await checkProfile()).toMatchObject({
      differences: [drift],
      repair: 'failed',
      because: expect.stringContaining('Correct profile.name, and deploy again.'),
    });
  });

  it('says why it could not compare', async () => {
    model.fault = () => refusedWith(502, 'Bad Gateway');
    const profile = await checkProfile();
    expect(profile).toEqual({ differences: [], because: expect.stringContaining('502') });
    expect(level()).toBe('warn');
  });
});

describe('what Telegram rations', () => {
  it('is completed as soon as it may be, and not asked for before', async () => {
    model.edit('name', {}, undefined);
    model.ration('setMyName', 3000);
    let calls = 0;
    model.fault = (method) => {
      if (method === 'setMyName') calls++;
      return undefined;
    };
    await handle(bot, eventOf(undefined, Profile));
    expect(await checkProfile()).toMatchObject({
      repair: 'postponed',
      because: expect.stringContaining('Telegram rations profile.name'),
    });
    bot.clock.time += 3000 * 1000;
    expect(await checkProfile()).toMatchObject({ repair: 'done' });
    expect([model.read('name', {}), calls]).toEqual(['Shop', 1]);
  });

  it('is cleared by the watch when no later event would know of it', async () => {
    model.ration('setMyName', 3000);
    const after = { Slots: Slots.slice(1) };
    const response = await handle(bot, eventOf({ Slots }, after));
    const { Unfinished = '' } = (response.Data ?? {}) as { Unfinished?: string };
    expect(Unfinished).toMatch(/^[\w-]+$/);
    bot.clock.time += 3000 * 1000;
    await checkProfile({ Profile: { ...after, Unfinished } });
    expect(model.raw('name', {})).toBeUndefined();
    model.edit('name', {}, 'By hand');
    await checkProfile({ Profile: { ...after, Unfinished } });
    expect(model.raw('name', {})).toBe('By hand');
  });

  it('is a photo that the watch uploads once, and never again', async () => {
    const getObject = async () => new Uint8Array(Buffer.from('one.jpg'));
    Object.assign(bot.services, { getObject });
    model.ration('setMyProfilePhoto', 3000);
    const { Data } = await handle(bot, eventOf({ Slots }, { Slots, Photo }));
    const { Unfinished = '' } = (Data ?? {}) as { Unfinished?: string };
    const event = { Profile: { Slots, Photo, Unfinished } };
    expect(await checkProfile(event)).toMatchObject({
      differences: [{ setting: 'profile.photo', declared: 'the declared photo' }],
      repair: 'postponed',
    });
    bot.clock.time += 3000 * 1000;
    expect(await checkProfile(event)).toMatchObject({ repair: 'done' });
    expect(model.photo).toBe('one.jpg');
    bot.services.rations.clear();
    expect(await checkProfile(event)).toEqual({ differences: [] });
    expect(model.writes).toEqual(['setMyProfilePhoto']);
  });
});

it('encodes no more than fits into a response to CloudFormation', () => {
  const slots = Array.from({ length: 50 }, (_, index) =>
    JSON.stringify({ description: 'x'.repeat(500), language_code: `x${index}` }),
  );
  expect(encodeUnfinished({ slots, photoId: 'abc' }).length).toBeLessThanOrEqual(2500);
});
