import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';

/**
 * A new file for a recording, which only its owner can read: people's messages are in it. It exists before the deploy, so
 * that a recording does not fail after it.
 */
export class RecordingFile {
  readonly name: string;
  private readonly descriptor: number;
  private isEmpty = true;

  /** @throws Error for a file that exists, or cannot be written */
  constructor(name: string) {
    this.name = name;
    try {
      this.descriptor = openSync(name, 'wx', 0o600);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(
        code === 'EEXIST'
          ? `${name} exists. Record to another file, or move it away first.`
          : `The recording cannot be written: ${message}. Record to another file.`,
      );
    }
  }

  /** Writes whole lines, so that the file is valid whenever the process ends. */
  write(lines: string): void {
    writeFileSync(this.descriptor, lines);
    this.isEmpty = false;
  }

  /** Removes the file if nothing was recorded. */
  close(): void {
    closeSync(this.descriptor);
    if (this.isEmpty) unlinkSync(this.name);
  }
}
