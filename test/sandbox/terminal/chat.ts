import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import { Conversation } from './conversation.ts';
import type { Staging } from './staging.ts';
import { note } from './style.ts';

/**
 * Chats with the app's first bot. A terminal gets a prompt. Otherwise each line of standard input is a
 * message, and the first problem ends the chat.
 *
 * @returns whether a script ran without problems; always true on a terminal, where a person sees them
 */
export async function chat(staging: Staging, interrupted: AbortSignal): Promise<boolean> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const lines = createInterface({
    input: process.stdin,
    output: isTerminal ? process.stdout : undefined,
    prompt: 'you: ',
  });
  const leaving = new AbortController();
  leaving.signal.addEventListener('abort', () => lines.close());
  interrupted.addEventListener('abort', () => leaving.abort());
  // In raw mode, Ctrl-C sends no signal to the process.
  lines.on('SIGINT', () => leaving.abort());
  const prompt = isTerminal ? promptOf(lines) : () => {};
  const print = isTerminal ? abovePrompt(prompt) : console.log;
  const conversation = openConversation(staging, print);
  if (isTerminal) note('Type a message. /1 presses the first button, /quit leaves.');
  prompt();
  for await (const line of lines) {
    if (line.trim() === '/quit') break;
    if (line.trim() !== '') await Promise.race([conversation.say(line), aborted(leaving.signal)]);
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

function openConversation(staging: Staging, print: (line: string) => void): Conversation {
  const { sandbox, bots } = staging;
  const [bot] = bots as [(typeof bots)[0]];
  const url = sandbox.telegram.webhook(bot.id)?.url;
  note(`\nTelegram delivers updates for @${bot.user.username} to ${url && new URL(url).origin}`);
  return new Conversation({
    telegram: sandbox.telegram,
    bot,
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
function abovePrompt(prompt: (preserveCursor?: boolean) => void): (line: string) => void {
  return (line) => {
    clearLine(process.stdout, 0);
    cursorTo(process.stdout, 0);
    console.log(line);
    prompt(true);
  };
}
