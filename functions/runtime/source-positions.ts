import type { SourceMap } from 'node:module';

/** A position in a bundle: its URL, line and column. */
const POSITION = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/** By URL of the bundle's file; undefined for a file without a source map. */
const sourceMaps = new Map<string, SourceMap | undefined>();

/**
 * Replaces the positions in a stack trace, which are in the bundle, by those in the sources: `functions/bot.ts:12:3`.
 * Positions that no source map covers stay as they are.
 *
 * The source maps are read here and now. Node's `--enable-source-maps` reads them in every cold start, and has no
 * effect on modules that are already loaded when it is turned on.
 */
export function toSourcePositions(stack: string): string {
  return stack.replace(POSITION, (position, file: string, line: string, column: string) => {
    const entry = sourceMapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return position;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

function sourceMapOf(file: string): SourceMap | undefined {
  if (!sourceMaps.has(file)) sourceMaps.set(file, readSourceMap(`${file}.map`));
  return sourceMaps.get(file);
}

function readSourceMap(url: string): SourceMap | undefined {
  // Not imported, because that would slow down every cold start.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { SourceMap } = process.getBuiltinModule('node:module');
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(url), 'utf8')));
  } catch {
    return undefined;
  }
}
