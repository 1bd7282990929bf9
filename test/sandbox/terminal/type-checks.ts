import { type PageNews, showTypeFaults } from '../page/news.ts';
import type { Sandbox } from '../sandbox.ts';
import { checkTypes } from '../type-check.ts';
import type { Print } from './chat.ts';
import { describeTypeFaults } from './type-faults.ts';

/**
 * Checks the types while the chat goes on, and prints what is wrong. Nothing waits for a check: the compiler would keep
 * the processor from the deploy, and a check that is not done at the end of the chat is ended.
 */
export class TypeChecks {
  private readonly sandbox: Sandbox;
  private readonly print: Print;
  private readonly page: PageNews;
  private current = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private isEnded = false;

  constructor(sandbox: Sandbox, print: Print, page: PageNews) {
    this.sandbox = sandbox;
    this.print = print;
    this.page = page;
  }

  /** Starts a check, in place of one that is running; nothing after `end`, when a deploy may still be on its way. */
  check(): void {
    if (this.isEnded) return;
    this.current.abort();
    const current = new AbortController();
    this.current = current;
    this.running = this.running.then(() => this.report(current.signal));
  }

  /** Ends the check that is running. */
  async end(): Promise<void> {
    this.isEnded = true;
    this.current.abort();
    await this.running;
  }

  private async report(signal: AbortSignal): Promise<void> {
    const { watchdog } = this.sandbox;
    const cache = this.sandbox.folder('types.tsbuildinfo');
    const faults = await checkTypes({ signal, watchdog, cache });
    if (signal.aborted) return;
    showTypeFaults(this.page, faults);
    const report = describeTypeFaults(faults);
    if (report) this.print(report);
  }
}
