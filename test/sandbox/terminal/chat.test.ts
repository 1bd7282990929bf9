import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { Signal } from '../signal.ts';
import { DeliveryStage } from '../telegram/fixtures.ts';
import { chat, type Print } from './chat.ts';
import type { Staging } from './staging.ts';
import { line } from './style.ts';

let stage: DeliveryStage;

beforeEach(async () => {
  stage = await DeliveryStage.open();
  await stage.setWebhook();
});

afterEach(() => stage.close());

function staging(): Staging {
  const { telegram, clock, bot } = stage;
  const eventSources = { handled: new Signal() };
  const aws = { logs: new Logs(), lambda: {}, eventSources };
  return {
    sandbox: { telegram, clock, aws },
    findLocalBots: () => [{ bot, logGroups: [] }],
  } as never;
}

/** Returns streams that count as a terminal, whose output is thrown away. */
function terminal(): { input: PassThrough; output: PassThrough } {
  const stream = () => Object.assign(new PassThrough(), { isTTY: true });
  const [input, output] = [stream(), stream()];
  output.resume();
  return { input, output };
}

it('ends with :quit on a terminal, even while the bot hangs', async () => {
  const { input, output } = terminal();
  const ended = chat(staging(), new AbortController().signal, { input, output });
  input.write('hello\r');
  await expect.poll(() => stage.network.arrivals, { timeout: 60_000 }).toHaveLength(1);
  input.write(':quit\r');
  expect(await ended).toBe(true);
});

it('prints notes above the prompt, and keeps what is being typed', async () => {
  const { input, output } = terminal();
  let shown = '';
  output.on('data', (chunk) => {
    shown += chunk;
  });
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  let print: Print = () => {};
  const onOpen = (printer: Print) => {
    print = printer;
  };
  const ended = chat(staging(), new AbortController().signal, { input, output, onOpen });
  input.write('half a mess');
  await expect.poll(() => shown).toContain('half a mess');
  shown = '';
  print(line`a note`);
  expect(printed).toHaveBeenLastCalledWith('a note\n');
  await expect.poll(() => shown).toMatch(/you: half a mess/);
  printed.mockRestore();
  input.write('\x03');
  await ended;
});

it('ends when it is interrupted while the bot hangs', async () => {
  const { input, output } = terminal();
  const interruption = new AbortController();
  const ended = chat(staging(), interruption.signal, { input, output });
  input.write('hello\r');
  await expect.poll(() => stage.network.arrivals, { timeout: 60_000 }).toHaveLength(1);
  interruption.abort();
  expect(await ended).toBe(true);
});

it('sends lines that end with a backslash together with the next one, and a line with a slash as it is', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const texts: (string | undefined)[] = [];
  stage.network.automatic = ({ update, answer }) => {
    texts.push(update.message?.text);
    answer(200);
  };
  const ended = chat(staging(), new AbortController().signal, { input, output });
  input.end('one\\\ntwo\\\n\nthree\n/quit\n:quit\nnot sent\n');
  expect(await ended).toBe(true);
  expect(texts).toEqual(['one\ntwo\n', 'three', '/quit']);
});
