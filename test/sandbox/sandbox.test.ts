import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.start();
});

afterEach(() => sandbox.close());

describe('the bots of a stack', () => {
  it('have fake tokens that nobody on this machine can guess', () => {
    const stack = (secret: string) => {
      const bot = { Type: 'Custom::TelegramBot', Properties: { TokenSecret: secret } };
      return { template: { Resources: { Bot: bot } } } as unknown as StackArtifact;
    };
    const [one] = sandbox.provideBots(stack('one'));
    const [two] = sandbox.provideBots(stack('two'));
    expect(one?.token).toMatch(/^7000000001:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token).toMatch(/^7000000002:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token.split(':')[1]).not.toBe(one?.token.split(':')[1]);
  });
});
