import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface TokenStreams {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly output: Writable;
}

/** `<bot id>:<35 characters>` today; Telegram guarantees no length. */
const BOT_TOKEN = /^\d{1,15}:[\w-]{20,}$/;
/** Sequences that a terminal sends for keys without a character, and around a paste. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape is what they begin with.
const SEQUENCE = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O?.)/g;
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const ERASE = ['\x7f', '\b'];

/**
 * Asks for a token at a terminal, which shows nothing of it; from a pipe, reads the first line.
 *
 * @throws Error for what is no token, without repeating it
 */
export async function askToken(streams: TokenStreams, interrupted: AbortSignal): Promise<string> {
  const line = streams.input.isTTY
    ? await askInSilence(streams, interrupted)
    : await firstLine(streams.input, interrupted);
  if (line.trim() === '') {
    throw new Error(
      'No token was given. Type it in a terminal, pipe it as the first line, or read it from AWS with --from-secret.',
    );
  }
  return checkToken(line, 'What was given');
}

/** @param what begins the message. @throws Error for what is no token, without repeating it */
export function checkToken(text: string, what: string): string {
  const token = text.trim();
  if (BOT_TOKEN.test(token)) return token;
  throw new Error(
    `${what} is not a bot token, which looks like 123456789:ABC… @BotFather shows it after /mybots.`,
  );
}

async function askInSilence({ input, output }: TokenStreams, interrupted: AbortSignal) {
  input.setRawMode?.(true);
  input.setEncoding('utf8');
  output.write('Token of a development bot (it is not shown): ');
  let typed = '';
  try {
    for (;;) {
      const [keys] = await once(input, 'data', { signal: interrupted });
      typed += keys;
      // In raw mode, Ctrl-C sends no signal to the process.
      if (typed.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
      const line = lineIn(typed);
      if (line !== undefined) return line;
    }
  } finally {
    input.setRawMode?.(false);
    input.pause();
    output.write('\n');
  }
}

/** Returns what was typed, edited as a terminal would, when Enter or Ctrl-D has ended it. */
function lineIn(typed: string): string | undefined {
  let line = '';
  for (const key of typed.replaceAll(SEQUENCE, '')) {
    if (key === '\r' || key === '\n' || key === CTRL_D) return line;
    if (ERASE.includes(key)) line = line.slice(0, -1);
    else if (key === CTRL_U) line = '';
    else if (key >= ' ') line += key;
  }
  return undefined;
}

async function firstLine(input: Readable, interrupted: AbortSignal): Promise<string> {
  const lines = createInterface({ input });
  try {
    const line = once(lines, 'line', { signal: interrupted }).then(([text]) => String(text));
    return await Promise.race([line, once(lines, 'close').then(() => '')]);
  } finally {
    lines.close();
    input.destroy();
  }
}
