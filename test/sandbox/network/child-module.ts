import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Built code by source. A module is the same in every sandbox of this process, so it is built once. */
const built = new Map<string, Promise<Uint8Array>>();

/** Bundles a module of the sandbox into one JavaScript file, because Node 20 does not run TypeScript. */
export async function buildChildModule(
  source: URL,
  outfile: string,
  format: 'cjs' | 'esm',
): Promise<void> {
  const code = built.get(source.href) ?? buildModule(source, format);
  built.set(source.href, code);
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, await code);
}

async function buildModule(source: URL, format: 'cjs' | 'esm'): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(source)],
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild produced no output for ${source}`);
  return file.contents;
}
