import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProfileSettings } from '../../infra/settings/profile.ts';
import { toSlots } from '../../infra/settings/profile.ts';
import { botTemplate, findFunction, needs, onlyResource, unbundledApp } from './synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, start: readonly number[] | string, size = 20): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([Buffer.from(start as string), Buffer.alloc(size)]));
  return path;
}

const jpeg = file('photo.jpg', [0xff, 0xd8, 0xff]);
const video = file('photo.mp4', '\0\0\0\x20ftypisom');

function textsOf(profile: ProfileSettings): string[] {
  const stack = new Stack(unbundledApp(), 'Kit');
  return stack.resolve(toSlots(profile, stack));
}

function slotsOf(profile: ProfileSettings): unknown[] {
  return textsOf(profile).map((text) => JSON.parse(text));
}

describe('the slots of a profile', () => {
  it('are the parameters of the methods that set them', () => {
    expect(
      slotsOf({
        name: { default: 'Shop', de: 'Laden' },
        description: 'Sells\nthings',
        shortDescription: '',
        menuButton: {
          bot: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } },
          chats: { 42: 'default' },
        },
        administratorRights: {
          groups: { can_pin_messages: true },
          channels: { is_anonymous: false },
        },
      }),
    ).toEqual([
      { name: 'Shop' },
      { name: 'Laden', language_code: 'de' },
      { description: 'Sells\nthings' },
      { short_description: '' },
      { menu_button: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } } },
      { menu_button: { type: 'default' }, chat_id: 42 },
      { rights: { can_pin_messages: true } },
      { rights: { is_anonymous: false }, for_channels: true },
    ]);
  });

  const commands = [{ command: 'start', description: 'Begin' }];

  it('are one list of commands for everybody, or one for each scope and language', () => {
    expect(slotsOf({ commands })).toEqual([{ commands }]);
    expect(
      slotsOf({
        commands: [
          { commands, scope: { type: 'default' } },
          { commands, language: 'de' },
          { commands, scope: { type: 'chat_member', user_id: 7, chat_id: '@my_group' } },
        ],
      }),
    ).toEqual([
      { commands },
      { commands, language_code: 'de' },
      { commands, scope: { type: 'chat_member', chat_id: '@my_group', user_id: 7 } },
    ]);
  });

  it('are the same text however they are written', () => {
    const scope = { user_id: 7, chat_id: -5, type: 'chat_member' } as const;
    const same = { type: 'chat_member', chat_id: -5, user_id: 7 } as const;
    const swapped = commands.map(({ command, description }) => ({ description, command }));
    const one = textsOf({ commands: [{ commands: swapped, scope }] });
    expect(one).toEqual(textsOf({ commands: [{ scope: same, commands }] }));
  });

  it('may hold values that are known only during the deploy', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    const { valueAsString } = new CfnParameter(stack, 'Name');
    const [slot] = toSlots({ name: valueAsString }, stack);
    expect(stack.resolve(slot)).toEqual({ 'Fn::Join': ['', ['{"name":"', { Ref: 'Name' }, '"}']] });
  });
});

describe('a profile', () => {
  const long = (length: number) => '🙂'.repeat(length);
  const command = (changes: object) => ({
    commands: [{ command: 'start', description: 'Begin', ...changes }],
  });
  const inScope = (scope: object) => ({
    commands: [{ ...command({}), scope: scope as never }],
  });
  const many = Array.from({ length: 101 }, (_, index) => ({
    command: `c${index}`,
    description: 'x',
  }));

  it.each<[string, ProfileSettings, string]>([
    ['no name', { name: '' }, 'profile.name must have 1 to 64 characters, got 0: leave it out'],
    [
      'a long name',
      { name: long(65) },
      'profile.name must have 1 to 64 characters, got 65: shorten it',
    ],
    [
      'a long description',
      { description: long(513) },
      'profile.description must have 0 to 512 char',
    ],
    [
      'a long short description',
      { shortDescription: long(121) },
      'have 0 to 120 characters, got 121',
    ],
    [
      'an empty translation',
      { description: { de: '' } },
      'profile.description.de must have 1 to 512',
    ],
    [
      'a language with a region',
      { name: { 'pt-BR': 'x' } as never },
      'two small letters of ISO 639-1',
    ],
    ['white space at the end', { name: 'Shop ' }, 'must not begin or end with white space'],
    ['a line break in a name', { name: 'a\nb' }, 'line breaks or tabs'],
    [
      'a tab in a description',
      { description: 'a\tb' },
      'or have tabs, because Telegram removes them',
    ],
    ['a slash', command({ command: '/start' }), 'without the slash; got /start'],
    ['capital letters', command({ command: 'Start' }), '1 to 32 of a-z, 0-9 and _'],
    ['a long command', command({ command: 'a'.repeat(33) }), '1 to 32 of a-z'],
    [
      'no description of a command',
      command({ description: '' }),
      'description of /start in profile.commands',
    ],
    [
      'a long description of a command',
      command({ description: long(257) }),
      '1 to 256 characters, got 257',
    ],
    ['no commands', { commands: [] }, 'must have 1 to 100 commands, got 0: leave the list out'],
    [
      'commands beside lists',
      { commands: [many[0], command({})] as never },
      'profile.commands must be commands, or lists of commands, not both',
    ],
    [
      'a command without a description',
      command({ description: undefined }),
      'the description of /start in profile.commands must be a text, got undefined',
    ],
    ['101 commands', { commands: many }, 'must have 1 to 100 commands, got 101'],
    ['a command twice', { commands: [many[0], many[0]] as never }, 'has the command c0 twice'],
    [
      'a list twice',
      { commands: [command({}), { ...command({}), scope: { type: 'default' } }] as never },
      'profile.commands is declared twice',
    ],
    [
      'an unknown scope',
      inScope({ type: 'group' }),
      'scope.type of profile.commands (scope group) must be one of default, all_private_chats, all_group_chats',
    ],
    ['the name of a scope', inScope('all_group_chats' as never), 'must be one of default'],
    ['a scope without an id', inScope({ type: 'chat' }), 'must have the id of a chat'],
    [
      'a member without a user',
      inScope({ type: 'chat_member', chat_id: -5 }),
      'user_id in profile.commands (scope chat_member -5) must be',
    ],
    ['a scope without a chat', inScope({ type: 'chat', chat_id: 0 }), 'must have the id of a chat'],
    [
      'administrators of a private chat',
      inScope({ type: 'chat_administrators', chat_id: 42 }),
      'must be for a group, whose id is negative, and 42 is a private chat: add the minus sign, or use { type: ',
    ],
    [
      'a member without an id',
      inScope({ type: 'chat_member', chat_id: -5, user_id: 0 }),
      'user_id in',
    ],
    [
      'an unknown button',
      { menuButton: { type: 'other' } as never },
      "profile.menuButton must be 'commands'",
    ],
    [
      'a button for a group',
      { menuButton: { chats: { [-5]: 'commands' } } },
      'profile.menuButton (chat -5) must be for a private chat',
    ],
    [
      'a web app without TLS',
      { menuButton: { type: 'web_app', text: 'x', web_app: { url: 'http://a.example' } } },
      'web_app.url of profile.menuButton must be an https URL, got http://a.example',
    ],
    [
      'an unknown right',
      { administratorRights: { groups: { can_fly: true } as never } },
      'got can_fly',
    ],
    [
      'a right of channels for groups',
      { administratorRights: { groups: { can_post_messages: true } } },
      'must not have can_post_messages, which only channels have',
    ],
    [
      'a right without the one that it implies',
      { administratorRights: { channels: { can_manage_chat: false, can_invite_users: true } } },
      'can_manage_chat must not be false',
    ],
    ['a photo that is not there', { photo: join(folder, 'none.jpg') }, 'none.jpg cannot be read'],
    ['a photo that is no JPEG', { photo: video }, 'must be a JPEG file'],
    ['a video that is no MP4', { photo: { animated: jpeg } }, 'must be an MP4 file'],
    [
      'a large photo',
      { photo: file('large.jpg', [0xff, 0xd8, 0xff], 11 * 1024 * 1024) },
      'at most 10485760 bytes',
    ],
    [
      'a frame after the end',
      { photo: { animated: video, mainFrameTimestamp: 11 } },
      'must be 0 to 10',
    ],
  ])('is refused with %s', (_what, profile, message) => {
    expect(() => slotsOf(profile)).toThrow(message);
  });

  it('leaves out rights that are undefined', () => {
    const groups = { can_pin_messages: true, can_change_info: undefined };
    expect(slotsOf({ administratorRights: { groups } })).toEqual([
      { rights: { can_pin_messages: true } },
    ]);
  });

  it('may use every limit, counted in code points', () => {
    const profile = {
      name: long(64),
      description: long(512),
      shortDescription: long(120),
      commands: many.slice(0, 100).map((one) => ({ ...one, description: long(256) })),
    };
    expect(slotsOf(profile)).toHaveLength(4);
  });
});

describe('Custom::TelegramBotProfile', () => {
  it('is absent unless the app declares a profile', () => {
    botTemplate().resourceCountIs('Custom::TelegramBotProfile', 0);
  });

  it('needs the identity, and neither the endpoint nor the webhook', () => {
    const template = botTemplate({ profile: { name: 'Shop' } });
    const { id } = onlyResource(template, 'Custom::TelegramBotProfile');
    const needed = needs(template, id);
    expect(needed).toContain(onlyResource(template, 'Custom::TelegramBot').id);
    for (const type of ['Custom::TelegramWebhook', 'AWS::ApiGatewayV2::Api']) {
      expect(needed).not.toContain(onlyResource(template, type).id);
    }
    expect(needed).not.toContain(findFunction(template, 'Bot/Endpoint/Receiver').id);
  });

  it('has one readable text for each slot, and the stamp of the deploy', () => {
    const template = botTemplate({ profile: { name: { default: 'Shop', de: 'Laden' } } });
    template.hasResourceProperties('Custom::TelegramBotProfile', {
      TokenSecret: 'telegram/test/bot-token',
      DeployStamp: Match.anyValue(),
      Slots: ['{"name":"Shop"}', '{"name":"Laden","language_code":"de"}'],
      Photo: Match.absent(),
    });
  });

  it('has only ASCII in a template, because CloudFormation returns question marks for the rest', () => {
    const template = botTemplate({ profile: { name: { default: 'Kiosk 🗞', ru: 'Киоск' } } });
    const { Slots } = onlyResource(template, 'Custom::TelegramBotProfile').resource.Properties;
    const texts = Slots as string[];
    expect(texts.filter((text) => !/^[\x20-\x7e]+$/.test(text))).toEqual([]);
    expect(texts.map((text) => JSON.parse(text))).toEqual([
      { name: 'Kiosk 🗞' },
      { name: 'Киоск', language_code: 'ru' },
    ]);
  });

  it('lets the registrar read the photo, and nothing else of the assets', () => {
    const template = botTemplate({
      profile: { photo: { animated: video, mainFrameTimestamp: 1.5 } },
    });
    const { id, resource } = onlyResource(template, 'Custom::TelegramBotProfile');
    expect(resource.Properties.Photo).toMatchObject({
      Type: 'animated',
      MainFrameTimestamp: '1.5',
    });
    const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(
      ([, { Properties }]) => JSON.stringify(Properties).includes('s3:'),
    );
    expect(policy?.[1].Properties.PolicyDocument.Statement).toEqual([
      { Action: 's3:GetObject', Effect: 'Allow', Resource: expect.anything() },
    ]);
    expect(JSON.stringify(policy?.[1].Properties)).toContain('.mp4');
    expect(needs(template, id)).toContain(policy?.[0]);
  });
});
