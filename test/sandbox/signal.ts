/** Something that happens again and again, and its listeners. */
export class Signal<T> {
  private readonly listeners = new Set<(value: T) => void>();

  /** Returns a function that stops the listener. */
  listen(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
