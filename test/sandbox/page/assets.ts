import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly type: string;
  readonly content: Uint8Array | string;
}

const BROWSER_CODE = new URL('browser/', import.meta.url);

/** The files of the page by their path. They are made at the first request: `npm start` does not wait for them. */
export class Assets {
  private readonly folder: URL;
  private readonly made = new Map<string, Promise<Asset>>();

  /** @param folder has index.html, main.tsx and style.css */
  constructor(folder = BROWSER_CODE) {
    this.folder = folder;
  }

  /** Returns a file; undefined for a path without one. A file that cannot be made is made again at the next request. */
  async at(path: string): Promise<Asset | undefined> {
    const make = MAKERS.get(path);
    if (!make) return undefined;
    const known = this.made.get(path) ?? make(this.folder);
    this.made.set(path, known);
    known.catch(() => this.made.delete(path));
    return known;
  }
}

const MAKERS = new Map<string, (folder: URL) => Promise<Asset>>([
  [
    '',
    async (folder) => ({
      type: 'text/html; charset=utf-8',
      content: await readFile(new URL('index.html', folder)),
    }),
  ],
  [
    'main.js',
    async (folder) => ({
      type: 'text/javascript; charset=utf-8',
      content: await bundle('main.tsx', folder),
    }),
  ],
  [
    'style.css',
    async (folder) => ({
      type: 'text/css; charset=utf-8',
      content: await bundle('style.css', folder),
    }),
  ],
]);

async function bundle(entry: string, folder: URL): Promise<Uint8Array> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, folder))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    logLevel: 'silent',
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild produced no output for ${entry}`);
  return file.contents;
}
