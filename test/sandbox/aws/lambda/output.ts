import type { Readable } from 'node:stream';

/** Splits the output of a process into log lines. */
export class Output {
  private rest = '';
  private ends = 0;
  private wake?: () => void;
  private readonly onLine: (line: string) => void;

  constructor(stream: Readable, onLine: (line: string) => void) {
    this.onLine = onLine;
    stream.setEncoding('utf8').on('data', (text: string) => this.take(text));
    stream.on('close', () => {
      this.flush();
      this.end();
    });
  }

  /**
   * Resolves when all output of one invocation has arrived: the answer travels over HTTP and may
   * overtake it. The bootstrap marks the end of the output with a zero byte.
   */
  async ended(): Promise<void> {
    if (this.ends === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.ends -= 1;
  }

  private take(text: string): void {
    for (const piece of text.split(/(\n|\0)/)) {
      if (piece === '\n') this.flush();
      else if (piece === '\0') {
        this.flush();
        this.end();
      } else this.rest += piece;
    }
  }

  private flush(): void {
    if (this.rest) this.onLine(this.rest.replaceAll('\r', '\n'));
    this.rest = '';
  }

  private end(): void {
    this.ends += 1;
    this.wake?.();
    this.wake = undefined;
  }
}
