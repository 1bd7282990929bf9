import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BenchHandler, type ColdCase, EMPTY, MINIMAL } from './cases.ts';

/** A case that cannot be measured here. */
export interface SkippedCase {
  readonly name: string;
  readonly reason: string;
}

export interface Selection {
  readonly cold: readonly ColdCase[];
  readonly warm: readonly BenchHandler[];
  readonly skipped: readonly SkippedCase[];
}

/**
 * Selects the cases whose names contain a text, and those that they are compared with.
 *
 * @param skipReason returns why a case cannot be measured; undefined if it can
 * @throws Error with all names when none contains the text
 */
export function selectCases(
  all: Pick<Selection, 'cold' | 'warm'>,
  text: string,
  skipReason: (one: BenchHandler) => string | undefined = reasonToSkip,
): Selection {
  const cold = withReference(all.cold, text, EMPTY);
  const warm = withReference(all.warm, text, MINIMAL);
  if (cold.length + warm.length === 0) {
    const names = new Set([...all.cold, ...all.warm].map(({ name }) => name));
    throw new Error(`No handler has "${text}" in its name. There are: ${[...names].join('; ')}`);
  }
  const skipped = [...cold, ...warm].flatMap((one) => {
    const reason = skipReason(one);
    return reason === undefined ? [] : [{ name: one.name, reason }];
  });
  const canRun = (one: BenchHandler) => skipReason(one) === undefined;
  return { cold: cold.filter(canRun), warm: warm.filter(canRun), skipped };
}

function withReference<T extends BenchHandler>(
  cases: readonly T[],
  text: string,
  reference: string,
): T[] {
  const matches = ({ name }: T) => name.toLowerCase().includes(text.toLowerCase());
  return cases.some(matches) ? cases.filter((one) => one.name === reference || matches(one)) : [];
}

function reasonToSkip({ needs }: BenchHandler): string | undefined {
  const peers = fileURLToPath(new URL('peers/node_modules', import.meta.url));
  if (needs === 'peers' && !existsSync(peers)) {
    return 'not installed; run npm ci --prefix test/benchmarks/peers';
  }
  return undefined;
}
