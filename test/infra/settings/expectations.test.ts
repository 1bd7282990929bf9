import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Expectations } from '../../../infra/settings/expectations.ts';
import type { UpdateType } from '../../../infra/settings/update-types.ts';
import { botStack, botTemplate, onlyResource } from '../synth.ts';

describe('expectations', () => {
  it('are properties of the bot, which is identified before anything is built', () => {
    const expects = { inlineMode: true, privacyMode: false, joinGroups: undefined };
    const template = botTemplate({ expects });
    const { Properties } = onlyResource(template, 'Custom::TelegramBot').resource;
    expect(Properties.Expects).toEqual({ inlineMode: 'true', privacyMode: 'false' });
    const { Properties: webhook } = onlyResource(template, 'Custom::TelegramWebhook').resource;
    expect(webhook).not.toHaveProperty('Expects');
  });

  it('are absent unless they are declared', () => {
    for (const settings of [{}, { expects: {} }, { allowedUpdates: ['message'] as const }]) {
      const { Properties } = onlyResource(botTemplate(settings), 'Custom::TelegramBot').resource;
      expect(Properties).not.toHaveProperty('Expects');
      expect(Properties).not.toHaveProperty('AllowedUpdates');
    }
  });

  it('must name switches of @BotFather', () => {
    const expects = { inline: true } as unknown as Expectations;
    expect(() => botStack({ expects })).toThrow(
      /expects must be one of inlineMode, .*; got inline$/,
    );
  });

  it('must be booleans', () => {
    const expects = { inlineMode: 'on' } as unknown as Expectations;
    expect(() => botStack({ expects })).toThrow(
      'expects.inlineMode must be one of true, false; got on',
    );
  });
});

/** Returns the warnings about these settings. */
function warningsOf(expects: Expectations, allowedUpdates: readonly UpdateType[]): string[] {
  const { stack } = botStack({ expects, allowedUpdates });
  const found = Annotations.fromStack(stack).findWarning('/Kit/Bot', Match.anyValue());
  return found.map(({ entry }) => String(entry.data));
}

describe('update types that can never arrive', () => {
  it.each<[keyof Expectations, UpdateType[]]>([
    ['inlineMode', ['inline_query', 'chosen_inline_result']],
    [
      'business',
      [
        'business_connection',
        'business_message',
        'edited_business_message',
        'deleted_business_messages',
      ],
    ],
    ['guestQueries', ['guest_message']],
    ['manageBots', ['managed_bot']],
  ])('cause a warning when %s is expected to be off', (name, types) => {
    const warnings = warningsOf({ [name]: false }, ['message', ...types]);
    expect(warnings).toEqual([
      expect.stringContaining(
        `allowedUpdates names ${types.join(', ')}, which never arrive because expects.${name} is false`,
      ),
    ]);
    expect(warningsOf({ [name]: true }, types)).toEqual([]);
    expect(warningsOf({}, types)).toEqual([]);
    expect(warningsOf({ [name]: false }, ['message'])).toEqual([]);
  });

  it('are told to the registrar, which sees how the bot is set', () => {
    const template = Template.fromStack(
      botStack({ allowedUpdates: ['message', 'inline_query'] }).stack,
    );
    const { Properties } = onlyResource(template, 'Custom::TelegramBot').resource;
    expect(Properties.AllowedUpdates).toEqual(['inline_query']);
  });
});
