import { describe, expect, it } from 'vitest';
import { smoke } from '../../../../infra/commands/smoke/smoke.ts';
import { botOfStage } from '../../../../infra/commands/smoke/stage.ts';

/** Runs a smoke test whose steps are recorded; `events` happen at the steps, by their numbers from 1. */
async function run({
  failing = [],
  interruptedAt = 0,
  left = [],
}: {
  failing?: readonly number[];
  interruptedAt?: number;
  left?: readonly string[] | Error;
}) {
  const steps: string[] = [];
  const interruption = new AbortController();
  const step = (name: string) => async () => {
    steps.push(name);
    if (steps.length === interruptedAt) interruption.abort();
    if (failing.includes(steps.length)) throw new Error(`${name} broke`);
  };
  const failures = await smoke(
    {
      deploy: step('deploy'),
      status: step('status'),
      destroy: step('destroy'),
      async leftovers() {
        steps.push('look');
        if (left instanceof Error) throw left;
        return [...left];
      },
    },
    { signal: interruption.signal, print: () => {} },
  );
  return { steps: steps.join(' '), failures };
}

const WHOLE = 'deploy status deploy status destroy look';

describe('a smoke test', () => {
  it('deploys twice, looks each time, destroys, and looks for what is left', async () => {
    expect(await run({})).toEqual({ steps: WHOLE, failures: [] });
  });

  it.each([
    [1, 'deploy destroy look', 'The first deploy failed: deploy broke'],
    [2, 'deploy status destroy look', 'The status failed: status broke'],
    [3, 'deploy status deploy destroy look', 'The second deploy failed: deploy broke'],
    [4, WHOLE, 'The status after it failed: status broke'],
    [5, `${WHOLE.slice(0, -5)} destroy look`, 'The destroy failed: destroy broke'],
  ])('destroys after step %i has failed', async (number, steps, failure) => {
    expect(await run({ failing: [number] })).toEqual({ steps, failures: [failure] });
  });

  it.each([
    [1, 'deploy destroy look'],
    [2, 'deploy status destroy look'],
    [4, WHOLE],
  ])('destroys after an interruption at step %i', async (number, steps) => {
    const interrupted = await run({ interruptedAt: number, failing: [number] });
    expect(interrupted).toEqual({ steps, failures: ['It was interrupted.'] });
    // The deploy may end well, because Ctrl-C does not reach it in every terminal.
    expect(await run({ interruptedAt: number })).toEqual(interrupted);
  });

  it('looks for what is left even if nothing can be destroyed, and names it', async () => {
    const { steps, failures } = await run({ failing: [5, 6], left: ['the stack X'] });
    expect(steps).toBe('deploy status deploy status destroy destroy look');
    expect(failures).toEqual([
      'The destroy failed: destroy broke',
      'The second destroy failed: destroy broke',
      'There is still the stack X.',
    ]);
    expect((await run({ left: new Error('denied') })).failures[0]).toContain('denied');
  });
});

describe('the stage of a smoke test', () => {
  const stage = 'smoke-12ab';
  const secret = 'telegram/smoke/bot-token';
  const bot = {
    path: 'TelegramBot-smoke-12ab/Bot',
    webhook: { TokenSecret: secret, ApiRoot: 'https://bots.example', TelegramEnvironment: 'test' },
  };
  const stack = { name: 'TelegramBot-smoke-12ab', id: 'TelegramBot-smoke-12ab', bots: [bot] };

  it('has one bot, with the test secret', () => {
    expect(botOfStage([stack], stage, secret)).toEqual({
      stack: stack.name,
      region: undefined,
      secret,
      server: { apiRoot: 'https://bots.example', environment: 'test' },
    });
  });

  it.each([
    ['no bot', [], 'no stack with a TelegramBot'],
    ['two stacks', [stack, stack], 'several bots'],
    ['two bots', [{ ...stack, bots: [bot, bot] }], 'several bots'],
    ['a stack that exists already', [{ ...stack, name: 'Mine' }], 'would deploy over your stack'],
    [
      'a secret of its own',
      [{ ...stack, bots: [{ ...bot, webhook: { TokenSecret: 'other' } }] }],
      'does not use the secret',
    ],
  ])('is refused for an app with %s', (_what, stacks, message) => {
    expect(() => botOfStage(stacks, stage, secret)).toThrow(message);
  });
});
