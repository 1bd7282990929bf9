/** Remembers a value, to send it only when it has changed. */
export class Changes {
  private last: string | undefined;

  /** Returns whether the value differs from the one before. */
  isNew(value: unknown): boolean {
    const text = JSON.stringify(value);
    const isNew = text !== this.last;
    this.last = text;
    return isNew;
  }
}
