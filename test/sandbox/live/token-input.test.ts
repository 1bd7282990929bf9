import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeToken } from '../telegram/fake-token.ts';
import { askToken } from './token-input.ts';

const token = fakeToken();
const never = new AbortController().signal;

function streams(isTTY = false) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (raw: boolean) => modes.push(raw),
  });
  const output = new PassThrough();
  return { input, output, modes, shown: () => String(output.read()) };
}

describe('askToken', () => {
  it('reads the first line of a pipe, also one that stays open', async () => {
    const { input, output } = streams();
    const read = askToken({ input, output }, never);
    input.write(` ${token} \nhello\n`);
    expect(await read).toBe(token);
  });

  it.each(['hello\n', `${token.slice(0, 20)}\n`])(
    'refuses %j without repeating it',
    async (piped) => {
      const { input, output } = streams();
      input.end(piped);
      const refused = await askToken({ input, output }, never).catch((error) => error.message);
      expect(refused).toBe(
        'What was given is not a bot token, which looks like 123456789:ABC… @BotFather shows it after /mybots.',
      );
    },
  );

  it.each(['', ' \n'])('says how to give a token after %j', async (piped) => {
    const { input, output } = streams();
    input.end(piped);
    await expect(askToken({ input, output }, never)).rejects.toThrow(
      'No token was given. Type it in a terminal, pipe it as the first line, or read',
    );
  });

  it('shows nothing of what is typed and pasted on a terminal', async () => {
    const { input, output, modes, shown } = streams(true);
    const read = askToken({ input, output }, never);
    input.write('wrong\x15');
    input.write(`\x1b[200~${token}x\x1b[201~\x7f\r`);
    expect(await read).toBe(token);
    expect(shown()).toBe('Token of a development bot (it is not shown): \n');
    expect(modes).toEqual([true, false]);
  });

  it('gives the terminal back when it is interrupted', async () => {
    const { input, output, modes } = streams(true);
    const interruption = new AbortController();
    const read = askToken({ input, output }, interruption.signal);
    interruption.abort();
    await expect(read).rejects.toThrow();
    expect(modes).toEqual([true, false]);
  });
});
