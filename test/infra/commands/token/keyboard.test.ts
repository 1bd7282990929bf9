import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { InterruptedError } from '../../../../infra/commands/run-main.ts';
import { Keyboard } from '../../../../infra/commands/token/keyboard.ts';

function open({ isTTY = true } = {}) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (raw: boolean) => modes.push(raw),
  });
  const output = new PassThrough();
  const keyboard = new Keyboard({ input, output });
  return { keyboard, input, modes, shown: () => String(output.read() ?? '') };
}

const PASTE = '\x1b[200~42:secret\x1b[201~';

describe('a secret that is typed at a terminal', () => {
  it.each([
    ['is pasted', '42:secret\r', '42:secret'],
    ['is pasted with the marks of a paste', `${PASTE}\r`, '42:secret'],
    ['is pasted with its line break', '42:secret\n', '42:secret'],
    ['is corrected', '43\x7f2:secret\r', '42:secret'],
    ['is erased and typed again', 'wrong\x1542:secret\r', '42:secret'],
    ['contains arrow keys', '42\x1b[D:se\x1bOAcret\r', '42:secret'],
    ['has white space around it', '  42:secret \r', '42:secret'],
    ['is nothing but Enter', '\r', ''],
    ['is nothing but Ctrl-D', '\x04', ''],
  ])('is read, and not shown, when it %s', async (_what, keys, expected) => {
    const { keyboard, input, modes, shown } = open();
    expect(modes).toEqual([true]);
    const secret = keyboard.secret('Token: ');
    for (const key of keys) input.write(key);
    expect(await secret).toBe(expected);
    expect(shown()).toBe('Token: \n');
    keyboard.close();
    expect(modes).toEqual([true, false]);
  });

  it('may be pasted before the question, and is not shown then either', async () => {
    const { keyboard, input, shown } = open();
    input.write('42:secret\r');
    expect(await keyboard.secret('Token: ')).toBe('42:secret');
    expect(shown()).toBe('Token: \n');
  });

  it('is empty when the terminal goes away', async () => {
    const { keyboard, input } = open();
    const secret = keyboard.secret('Token: ');
    input.end('42:sec');
    expect(await secret).toBe('');
  });

  it('is not read after Ctrl-C', async () => {
    const { keyboard, input } = open();
    const secret = keyboard.secret('Token: ');
    input.write('42:secret\x03');
    await expect(secret).rejects.toThrow(InterruptedError);
  });
});

describe('a question', () => {
  it.each([
    ['y\r', true],
    ['Yes\r', true],
    ['\r', false],
    ['n\r', false],
    ['yikes\r', false],
    ['\x04', false],
  ])('is answered by %j: %s', async (keys, expected) => {
    const { keyboard, input } = open();
    const answer = keyboard.isAffirmed('Deploy?');
    input.write(keys);
    expect(await answer).toBe(expected);
  });

  it('is not answered by what was typed before it, or pasted with the token', async () => {
    const { keyboard, input } = open();
    const secret = keyboard.secret('Token: ');
    input.write('42:secret\ny\n');
    await secret;
    input.write('y\r');
    await new Promise(setImmediate);
    const answer = keyboard.isAffirmed('Deploy?');
    input.write('n\r');
    expect(await answer).toBe(false);
  });

  it('is denied without a terminal', async () => {
    expect(await open({ isTTY: false }).keyboard.isAffirmed('Deploy?')).toBe(false);
  });
});

describe('Ctrl-C', () => {
  it('ends a wait for something else', async () => {
    const { keyboard, input } = open();
    const wait = keyboard.until(new Promise(() => {}));
    input.write('\x03');
    await expect(wait).rejects.toThrow(InterruptedError);
  });

  it('ends the next wait if nobody was waiting', async () => {
    const { keyboard, input } = open();
    input.write('\x03');
    await new Promise(setImmediate);
    await expect(keyboard.secret('Token: ')).rejects.toThrow(InterruptedError);
  });
});

describe('a secret without a terminal', () => {
  it('is all of standard input', async () => {
    const { keyboard, input, shown, modes } = open({ isTTY: false });
    input.end('42:secret\n');
    expect(await keyboard.secret('Token: ')).toBe('42:secret');
    expect(shown()).toBe('');
    expect(modes).toEqual([]);
  });

  it('is refused when it is far too long', async () => {
    const { keyboard, input } = open({ isTTY: false });
    input.end('x'.repeat(70_000));
    await expect(keyboard.secret('Token: ')).rejects.toThrow('more than a token');
  });
});
