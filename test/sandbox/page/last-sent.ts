/** Remembers what was sent, so that only something else is sent again. */
export class LastSent {
  private last: string | undefined;

  /** Returns whether a value differs from the one before. */
  isNew(value: unknown): boolean {
    const text = JSON.stringify(value);
    const isNew = text !== this.last;
    this.last = text;
    return isNew;
  }
}
