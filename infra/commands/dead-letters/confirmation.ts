import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/**
 * Asks a person to type a word, and returns whether they did. Ctrl-C and Ctrl-D mean no.
 *
 * @throws Error when standard input is not a terminal
 */
export async function isConfirmed(
  question: string,
  word: string,
  { input, output }: Terminal,
): Promise<boolean> {
  if (!input.isTTY) {
    throw new Error('Standard input is not a terminal: pass --yes to delete without confirmation.');
  }
  const lines = createInterface({ input, output });
  try {
    // `question` rejects after Ctrl-C and Ctrl-D, but stays pending when the input just ends.
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
