import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Builds a module of the sandbox into one plain JavaScript file: Node 20 does not run TypeScript.
 */
export async function buildChildModule(
  source: URL,
  outfile: string,
  format: 'cjs' | 'esm',
): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
}
