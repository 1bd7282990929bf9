import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { isConfirmed } from '../../../infra/commands/dead-letters/confirmation.ts';

function terminal(isTTY = true) {
  return { input: Object.assign(new PassThrough(), { isTTY }), output: new PassThrough() };
}

describe('a confirmation', () => {
  it.each([
    ['prod\n', true],
    ['  prod \n', true],
    ['y\n', false],
    ['\n', false],
    ['PROD\n', false],
  ])('compares %j with the word prod: %s', async (typed, expected) => {
    const { input, output } = terminal();
    const answer = isConfirmed('Delete 3 dead letters?', 'prod', { input, output });
    input.write(typed);
    expect(await answer).toBe(expected);
    output.end();
    expect(await text(output)).toContain('letters? Type prod to confirm: ');
  });

  it('returns false when the input ends before an answer', async () => {
    const { input, output } = terminal();
    const answer = isConfirmed('Delete?', 'prod', { input, output });
    input.end();
    expect(await answer).toBe(false);
  });

  it('fails when standard input is not a terminal', async () => {
    await expect(isConfirmed('Delete?', 'prod', terminal(false))).rejects.toThrow('pass --yes');
  });
});
