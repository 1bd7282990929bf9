import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { InterruptedError } from '../run-main.ts';

export interface KeyboardStreams {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly output: Writable;
}

/** Sequences that a terminal sends for keys without a character, and around a paste. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape is what they begin with.
const SEQUENCE = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O?.)/g;
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const ERASE = ['\x7f', '\b'];
const ENTER = ['\r', '\n'];
/** Enough for any token, and for a secret in JSON that is piped by mistake. */
const MAX_PIPED = 65_536;

/**
 * Asks a person at a terminal, which shows nothing of what is typed or pasted from the moment this is opened: a token
 * that is pasted before the question is not shown either. Without a terminal, the token is all of standard input.
 */
export class Keyboard {
  readonly isTerminal: boolean;
  private readonly streams: KeyboardStreams;
  private typed = '';
  private hasEnded = false;
  private isInterrupted = false;
  /** Called when something was typed, with Ctrl-C, and at the end of the input. */
  private onKeys = () => {};

  constructor(streams: KeyboardStreams) {
    this.streams = streams;
    const { input } = streams;
    this.isTerminal = input.isTTY === true;
    if (!this.isTerminal) return;
    input.setRawMode?.(true);
    input.setEncoding('utf8');
    input.on('data', (keys: string) => {
      this.typed += keys;
      this.isInterrupted ||= keys.includes(CTRL_C);
      this.onKeys();
    });
    input.on('end', () => {
      this.hasEnded = true;
      this.onKeys();
    });
  }

  /** Gives the terminal back. */
  close(): void {
    const { input } = this.streams;
    if (!this.isTerminal) return;
    input.setRawMode?.(false);
    input.removeAllListeners('data');
    input.pause();
  }

  /**
   * Waits for something else; Ctrl-C ends the wait.
   *
   * @throws InterruptedError
   */
  async until<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.keys<never>(() => undefined)]);
  }

  /** Reads a secret, of which nothing is shown. @returns an empty text for no input @throws InterruptedError */
  async secret(prompt: string): Promise<string> {
    if (!this.isTerminal) return this.piped();
    this.streams.output.write(prompt);
    try {
      return await this.keys(() => this.takeLine());
    } finally {
      this.streams.output.write('\n');
    }
  }

  /** Asks a question that only `y` and `yes` affirm. What was typed before it is no answer. */
  async isAffirmed(question: string): Promise<boolean> {
    if (!this.isTerminal) return false;
    this.typed = '';
    this.streams.output.write(`${question} [y/N] `);
    const answer = await this.keys(() => this.takeLine());
    this.streams.output.write(`${answer.replaceAll(/[^\w ]/g, '')}\n`);
    return /^y(es)?$/i.test(answer);
  }

  /** Resolves with what `take` returns, as soon as it returns something. */
  private keys<T>(take: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onKeys = () => {
        if (this.isInterrupted) return reject(new InterruptedError('Interrupted'));
        const taken = take();
        if (taken !== undefined) resolve(taken);
      };
      this.onKeys();
    });
  }

  /**
   * Takes a line from what was typed, as soon as Enter or, on an empty line, Ctrl-D ends it. Whatever was pasted
   * behind it is dropped, because it answers no question.
   */
  private takeLine(): string | undefined {
    let line = '';
    for (const key of this.typed.replaceAll(SEQUENCE, '')) {
      if (ENTER.includes(key) || (key === CTRL_D && line === '')) return this.finish(line);
      if (ERASE.includes(key)) line = line.slice(0, -1);
      else if (key === CTRL_U) line = '';
      else if (key >= ' ') line += key;
    }
    return this.hasEnded ? this.finish('') : undefined;
  }

  private finish(line: string): string {
    this.typed = '';
    return line.trim();
  }

  private async piped(): Promise<string> {
    const all = await text(this.streams.input);
    if (all.length > MAX_PIPED) throw new Error('Standard input holds more than a token.');
    return all.trim();
  }
}
