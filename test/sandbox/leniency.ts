/**
 * How the sandbox treats what it does not emulate. `strict`: as an error, so that a green test means something.
 * `lenient`: whatever the bot does not need exists in name only, with a note.
 */
export type Mode = 'strict' | 'lenient';

/** The lenient mode's voice. Services that have none are strict. */
export class Leniency {
  private readonly noted = new Set<string>();
  private readonly print: (text: string) => void;

  /** @param print receives each note once, as one sentence without a full stop */
  constructor(print: (text: string) => void) {
    this.print = print;
  }

  note(text: string): void {
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.print(text);
  }
}
