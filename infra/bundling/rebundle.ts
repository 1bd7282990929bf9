/**
 * A process that bundles functions on request, for `npm start`: the sandbox starts it from the path in the metadata
 * of each function, sends `RebundleRequest`s, and gets a `RebundleResult` for each. It ends with its parent.
 */
import type { BundlingSettings } from '../settings/bundling.ts';
import { build } from './build.ts';
import { requestFor, toBundle } from './bundle.ts';
import { checkHandler } from './handler.ts';

export interface RebundleRequest {
  readonly id: number;
  /** As in the metadata. */
  readonly entry: string;
  readonly bundling: BundlingSettings;
  /** Where to write the bundle. */
  readonly directory: string;
}

export type RebundleResult = { readonly id: number } & (
  | { readonly sources: readonly string[]; readonly warnings: string }
  /** For a person: esbuild's errors, or a sentence. */
  | { readonly error: string }
);

async function rebundle({
  id,
  entry,
  bundling,
  directory,
}: RebundleRequest): Promise<RebundleResult> {
  try {
    const built = await build(requestFor(entry, bundling));
    checkHandler(built.metafile);
    const { sources, write } = toBundle(built, bundling);
    write(directory);
    return { id, sources, warnings: built.warnings };
  } catch (error) {
    return { id, error: (error as Error).message };
  }
}

process.on('message', async (request: RebundleRequest) => {
  const result = await rebundle(request);
  // The parent may have ended in the meantime.
  if (process.connected) process.send?.(result);
});
// Ctrl-C reaches every process of the terminal, and the parent decides when this one ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
