import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/**
 * Asks a person to type a word, and whether they did. Ctrl-C and Ctrl-D are a no.
 *
 * @throws Error when nobody is there to ask
 */
export async function isConfirmed(
  question: string,
  word: string,
  { input, output }: Terminal,
): Promise<boolean> {
  if (!input.isTTY) {
    throw new Error('There is nobody to ask: give --yes to delete them without a question.');
  }
  const lines = createInterface({ input, output });
  try {
    // Node rejects at Ctrl-C and Ctrl-D, and does nothing at all where the input just ends.
    const ended = once(lines, 'close').then(() => '');
    const asked = lines.question(`${question} Type ${word} to confirm: `).catch((error: Error) => {
      if (error.name === 'AbortError') return '';
      throw error;
    });
    const answer = await Promise.race([asked, ended]);
    return answer.trim() === word;
  } finally {
    lines.close();
  }
}
