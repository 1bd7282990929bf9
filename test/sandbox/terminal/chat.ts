import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Conversation } from './conversation.ts';
import type { Staging } from './staging.ts';
import { line, note, type SafeText, visible } from './style.ts';
import { explainWorkLeft } from './work-left.ts';

export type Print = (text: SafeText) => void;

interface ChatOptions {
  /** Called when the chat opens, with a function that prints notes until it ends: above the prompt, if it has one. */
  readonly onOpen?: (print: Print) => void;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/**
 * Chats with the app's first bot. A terminal gets a prompt. Otherwise each line of standard input is a
 * message, and the first problem ends the chat.
 *
 * @returns whether a script ran without problems; always true on a terminal, where a person sees them
 */
export async function chat(
  staging: Staging,
  interrupted: AbortSignal,
  options: Partial<ChatOptions> = {},
): Promise<boolean> {
  const { onOpen, input = process.stdin, output = process.stdout } = options;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({
    input,
    output: isTerminal ? output : undefined,
    prompt: 'you: ',
  });
  const leaving = new AbortController();
  leaving.signal.addEventListener('abort', () => lines.close());
  interrupted.addEventListener('abort', () => leaving.abort());
  // In raw mode, Ctrl-C sends no signal to the process.
  lines.on('SIGINT', () => leaving.abort());
  // The bot may be busy with the line before, for as long as it likes.
  if (isTerminal) lines.on('line', (typed) => typed.trim() === '/quit' && leaving.abort());
  const prompt = isTerminal ? promptOf(lines) : () => {};
  const above = (print: Print) => (isTerminal ? abovePrompt(output, prompt, print) : print);
  const conversation = openConversation(
    staging,
    above((text) => output.write(`${text}\n`)),
  );
  explainWorkLeft(staging.sandbox.aws.lambda, above(note));
  if (isTerminal) note(line`Type a message. /1 presses the first button, /quit leaves.`);
  prompt();
  onOpen?.(above(note));
  for await (const typed of lines) {
    if (typed.trim() === '/quit') break;
    if (typed.trim() !== '') await Promise.race([conversation.say(typed), aborted(leaving.signal)]);
    if (leaving.signal.aborted || (!isTerminal && conversation.problems > 0)) break;
    prompt();
  }
  lines.close();
  return isTerminal || conversation.problems === 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function openConversation(staging: Staging, print: Print): Conversation {
  const { sandbox, bots } = staging;
  const [bot] = bots as [(typeof bots)[0]];
  const url = sandbox.telegram.webhook(bot.id)?.url;
  const username = visible(bot.user.username);
  const origin = visible(url ? new URL(url).origin : 'nowhere');
  note(line`\nTelegram delivers updates for @${username} to ${origin}`);
  return new Conversation({
    telegram: sandbox.telegram,
    bot,
    clock: sandbox.clock,
    logs: sandbox.aws.logs,
    ...(staging.output('BotLogGroup')
      ? { logGroup: staging.output('BotLogGroup'), queue: sandbox.aws.eventSources }
      : { logGroup: staging.output('ReceiverLogGroup') }),
    print,
  });
}

/** Returns a function that shows the prompt. It stops when input ends, even if answers are pending. */
function promptOf(lines: Interface): (preserveCursor?: boolean) => void {
  let isOpen = true;
  lines.once('close', () => {
    isOpen = false;
  });
  return (preserveCursor) => {
    if (isOpen) lines.prompt(preserveCursor);
  };
}

/** Returns a function that prints a line above the prompt and keeps what is being typed. */
function abovePrompt(
  output: Writable,
  prompt: (preserveCursor?: boolean) => void,
  print: Print,
): Print {
  return (text) => {
    clearLine(output, 0);
    cursorTo(output, 0);
    print(text);
    prompt(true);
  };
}
