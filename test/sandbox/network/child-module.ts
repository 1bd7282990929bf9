import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Each module is the same in every sandbox of this process, and built once. */
const built = new Map<string, Promise<Uint8Array>>();

/** Builds a module of the sandbox into one plain JavaScript file: Node 20 does not run TypeScript. */
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
  if (!file) throw new Error(`esbuild made nothing of ${source}`);
  return file.contents;
}
