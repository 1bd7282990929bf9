import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { fakeToken, type OtherTelegram } from '../sandbox/index.ts';
import { leftIn, spawnStart, temporaryDirectory } from './start-run.ts';

/** Of the bot that the tests run live. */
export const LIVE_TOKEN = fakeToken(7_123_456_789);

export interface LiveRunOptions {
  /** The first line of standard input. @default - the token of the bot */
  readonly given?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The directory of the kit, or of a copy. */
  readonly project?: string;
}

/** `npm start -- --live`, on another Telegram that it takes for the real one. */
export class LiveRun {
  readonly child: ChildProcess;
  readonly directory: string;
  private readonly real: OtherTelegram;
  private readonly exited: Promise<unknown[]>;
  private printed = '';

  /** Starts it with the token in a pipe that stays open. */
  static start(
    real: OtherTelegram,
    args: readonly string[] = [],
    { given = LIVE_TOKEN, env = {}, project }: LiveRunOptions = {},
  ): LiveRun {
    const directory = temporaryDirectory();
    const options = ['--live', '--telegram-api-root', real.root, ...args];
    const child = spawnStart(directory, options, project, env);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.on('error', () => {});
    child.stdin.write(`${given}\n`);
    return new LiveRun(real, child, directory);
  }

  private constructor(real: OtherTelegram, child: ChildProcess, directory: string) {
    this.real = real;
    this.child = child;
    this.directory = directory;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed += text;
      });
    }
    this.exited = once(child, 'close');
  }

  /** Resolves when something that was printed matches. @returns what it has captured */
  async prints(expected: RegExp): Promise<RegExpExecArray> {
    const look = () => {
      if (this.child.exitCode !== null) throw new Error(`It has ended:\n${this.printed}`);
      return expected.exec(this.printed);
    };
    await expect.poll(look, { timeout: 100_000 }).not.toBeNull();
    return look() as RegExpExecArray;
  }

  /** Resolves when the bot runs. */
  async isReady(): Promise<void> {
    await this.prints(/^See your bot:/m);
  }

  /** Resolves when it has ended. Nothing that it has printed holds the token. */
  async ended(): Promise<{ exitCode: number | null; output: string }> {
    await this.exited;
    expect(this.printed).not.toContain('FAKE-TOKEN');
    return { exitCode: this.child.exitCode, output: this.printed };
  }

  /**
   * Ends it with Ctrl-C, and checks that nothing is left here, and that the real bot has never had a webhook.
   *
   * @returns what was printed
   */
  async end(): Promise<string> {
    this.child.kill('SIGINT');
    const { exitCode, output } = await this.ended();
    expect(exitCode, output).toBe(0);
    expect(leftIn(this.directory)).toEqual([]);
    const methods = this.real.methods();
    expect(methods.filter((method) => /Webhook$|Commands$|My/.test(method))).toEqual([]);
    return output;
  }
}
