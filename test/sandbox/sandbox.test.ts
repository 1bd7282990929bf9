import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.start();
});

afterEach(() => sandbox.close());

/** Returns a stack whose only bot has these properties. */
function stack(secret: string, others: object = {}): StackArtifact {
  const bot = { Type: 'Custom::TelegramBot', Properties: { TokenSecret: secret, ...others } };
  return { template: { Resources: { Bot: bot } } } as unknown as StackArtifact;
}

describe('the bots of a stack', () => {
  it('are set in @BotFather as the app expects, and again when that changes', () => {
    const Expects = { privacyMode: 'false', inlineMode: 'false', manageBots: 'true' };
    const [bot] = sandbox.provideBots(stack('one', { Expects }));
    expect(bot?.user).toMatchObject({
      can_read_all_group_messages: true,
      supports_inline_queries: false,
      can_manage_bots: true,
      can_join_groups: true,
    });
    const changed = stack('one', { Expects: { privacyMode: 'true' } });
    expect(sandbox.provideBots(changed, { onlyNew: true })).toEqual([]);
    expect(bot?.user).toMatchObject({ can_read_all_group_messages: false, can_manage_bots: true });
  });

  it('have fake tokens that nobody on this machine can guess', () => {
    const [one] = sandbox.provideBots(stack('one'));
    const [two] = sandbox.provideBots(stack('two'));
    expect(one?.token).toMatch(/^7000000001:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token).toMatch(/^7000000002:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token.split(':')[1]).not.toBe(one?.token.split(':')[1]);
  });
});
