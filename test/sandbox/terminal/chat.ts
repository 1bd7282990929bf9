import { once } from 'node:events';
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { complete, isQuit, obey } from './commands/index.ts';
import { Session } from './session.ts';
import type { Staging } from './staging.ts';
import { note } from './status-line.ts';
import { line, type SafeText, visible } from './style.ts';
import { explainWorkLeft } from './work-left.ts';

export type Print = (text: SafeText) => void;

interface ChatOptions {
  /** Called when the chat opens, with a function that prints notes until it ends: above the prompt, if it has one. */
  readonly onOpen?: (print: Print, session: Session) => void;
  /** Whether calls of methods that the sandbox does not emulate count as problems. @default false */
  readonly strict?: boolean;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/**
 * Chats with the app's bots, at first with the first one. A terminal gets a prompt. Otherwise each line of standard
 * input is a message or a command, and the first problem ends the chat.
 *
 * @returns whether a script ran without problems; always true on a terminal, where a person sees them
 */
export async function chat(
  staging: Staging,
  interrupted: AbortSignal,
  options: Partial<ChatOptions> = {},
): Promise<boolean> {
  const { onOpen, strict, input = process.stdin, output = process.stdout } = options;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({
    input,
    output: isTerminal ? output : undefined,
    completer: complete,
  });
  const leaving = new AbortController();
  const left = once(leaving.signal, 'abort');
  leaving.signal.addEventListener('abort', () => lines.close());
  interrupted.addEventListener('abort', () => leaving.abort());
  // In raw mode, Ctrl-C sends no signal to the process.
  lines.on('SIGINT', () => leaving.abort());
  // The bot may be busy with the line before, for as long as it likes.
  if (isTerminal) lines.on('line', (typed) => isQuit(typed) && leaving.abort());
  const message: string[] = [];
  const prompt = isTerminal ? promptOf(lines, () => promptText(session, message)) : () => {};
  const above = (print: Print) => (isTerminal ? abovePrompt(output, prompt, print) : print);
  const session = openSession(staging, {
    ...{ strict, hints: isTerminal },
    print: above((text) => output.write(`${text}\n`)),
  });
  explainWorkLeft(staging.sandbox.aws.lambda, above(note));
  if (isTerminal) note(line`Type a message. :help lists the commands of this chat, :quit ends it.`);
  prompt();
  onOpen?.(above(note), session);
  const send = async () => {
    const whole = message.splice(0).join('\n');
    if (whole.trim() !== '') await Promise.race([obey(whole, session), left]);
  };
  const isOver = () => leaving.signal.aborted || (!isTerminal && session.problems > 0);
  for await (const typed of lines) {
    if (isQuit(typed)) break;
    message.push(typed.replace(/\\$/, ''));
    if (!typed.endsWith('\\')) await send();
    if (isOver()) break;
    prompt();
  }
  if (!isTerminal && !isOver()) await send();
  lines.close();
  session.close();
  return isTerminal || session.problems === 0;
}

function openSession(
  staging: Staging,
  options: { strict?: boolean; hints: boolean; print: Print },
): Session {
  const { telegram, clock, aws } = staging.sandbox;
  const bots = staging.findLocalBots();
  note(visible(''));
  for (const { bot } of bots) {
    const url = telegram.webhook(bot.id)?.url;
    const origin = visible(url ? new URL(url).origin : 'nowhere');
    note(line`Telegram delivers updates for @${visible(bot.user.username)} to ${origin}`);
  }
  if (bots.length > 1) note(line`You talk to the first bot. :bot NAME talks to another one.`);
  const { logs, sqs, eventSources } = aws;
  const { people } = staging;
  return new Session({ telegram, people, clock, logs, sqs, eventSources, bots, ...options });
}

/** Names the bot if there are several, and shows whether a message continues. */
function promptText({ partners, conversation }: Session, message: readonly string[]): string {
  const you = partners.length > 1 ? `you to @${conversation.username}: ` : 'you: ';
  return message.length > 0 ? '… '.padStart(you.length) : you;
}

/** Returns a function that shows the prompt. It stops when input ends, even if answers are pending. */
function promptOf(lines: Interface, text: () => string): (preserveCursor?: boolean) => void {
  let isOpen = true;
  lines.once('close', () => {
    isOpen = false;
  });
  return (preserveCursor) => {
    if (!isOpen) return;
    lines.setPrompt(text());
    lines.prompt(preserveCursor);
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
