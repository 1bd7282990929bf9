import type { Metafile } from 'esbuild';
import { commonJsEntry } from '../settings/entry.ts';

/**
 * Checks that an entry is an ES module that exports `handler`. Otherwise the function would be created, and each of
 * its invocations would fail.
 *
 * @throws Error that says what it exports
 */
export function checkHandler({ inputs, outputs }: Metafile): void {
  const { entryPoint = '', exports = [] } = outputs['index.mjs'] ?? {};
  if (inputs[entryPoint]?.format === 'cjs') throw commonJsEntry(entryPoint);
  if (exports.includes('handler')) return;
  throw new Error(
    `${entryPoint} must export \`handler\`, as in \`export const handler = receive(onUpdate);\`, ` +
      `but it exports ${exports.length > 0 ? `only ${exports.join(', ')}` : 'nothing'}`,
  );
}
