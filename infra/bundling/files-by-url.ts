import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { Loader, Metafile, OutputFile, Plugin } from 'esbuild';
import type { BundledFile } from './build-request.ts';

/** `new URL('./greeting.txt', import.meta.url)`: the quote and the path, which may be a template. */
const REFERENCE = /\bnew\s+URL\(\s*(["'`])(\.\.?\/[^"'`\n]*)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;
/** What is left of it in a bundle, where `URL` may have another name. */
const BUNDLED_REFERENCE = /["'`],\s*import\.meta\.url\b/;

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
};

/**
 * Files and folders that code reads by `new URL('./x', import.meta.url)`. They travel with the bundle, under a name
 * with a hash because two modules may each have an `./x`, and the code refers to that name.
 */
export class FilesByUrl {
  private readonly root: string;
  /** Absolute paths of the sources that contain references. */
  private readonly sources = new Set<string>();
  /** Names in the bundle by absolute path. */
  private readonly names = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  /**
   * Learns from a build which sources have references.
   *
   * @returns whether there were new ones
   * @throws Error when a source of the project refers to a file that does not exist
   */
  learn({ inputs }: Metafile, outputs: readonly OutputFile[]): boolean {
    const known = this.sources.size;
    if (!outputs.some(({ path, text }) => path.endsWith('.mjs') && BUNDLED_REFERENCE.test(text))) {
      return false;
    }
    for (const input of Object.keys(inputs)) {
      const source = resolve(this.root, input);
      if (!/\.[cm]?[jt]sx?$/.test(source) || !statSync(source, { throwIfNoEntry: false })) continue;
      const targets = [...readFileSync(source, 'utf8').matchAll(REFERENCE)]
        .map(([, , path]) => this.target(source, String(path)))
        .filter((target) => target !== undefined);
      if (targets.length > 0) this.sources.add(source);
    }
    return this.sources.size > known;
  }

  plugins(): Plugin[] {
    if (this.sources.size === 0) return [];
    const plugin: Plugin = {
      name: 'files-by-url',
      setup: (build) => {
        build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
          if (!this.sources.has(path)) return undefined;
          const contents = readFileSync(path, 'utf8').replace(REFERENCE, (text, _, reference) => {
            const known = knownPart(reference);
            const name = this.names.get(targetOf(path, known));
            const end = known.endsWith('/') ? '/' : '';
            return name ? text.replace(known, () => `./${name}${end}`) : text;
          });
          return { contents, loader: LOADERS[extname(path)] ?? 'js' };
        });
      },
    };
    return [plugin];
  }

  /** Absolute paths of the files and folders. */
  targets(): string[] {
    return [...this.names.keys()];
  }

  files(): BundledFile[] {
    return [...this.names].flatMap(([target, name]) =>
      filesIn(target).map(({ path, contents }) => ({ path: name + path, contents })),
    );
  }

  /** Returns the file or folder that a source refers to; undefined if the reference is left as it is. */
  private target(source: string, reference: string): string | undefined {
    const known = knownPart(reference);
    const isOwn = !source.includes(`${sep}node_modules${sep}`);
    const refusal = (problem: string) =>
      new Error(
        `${relative(this.root, source)} refers to ${reference} by import.meta.url, ${problem}`,
      );
    if (/^[./]+$/.test(known)) {
      // The folder of the code itself, which is the bundle's own in the bundle.
      if (known === reference || !isOwn) return undefined;
      throw refusal(
        'and no part of that path is known before run time: put these files in a folder',
      );
    }
    const target = targetOf(source, known);
    if (!statSync(target, { throwIfNoEntry: false })) {
      if (!isOwn) return undefined;
      throw refusal('but there is no such file');
    }
    this.names.set(target, nameOf(target));
    return target;
  }
}

/** Returns what is known of a path at build time: of `./texts/${language}.txt` the folder, `./texts/`. */
function knownPart(reference: string): string {
  const template = reference.indexOf('${');
  return template < 0 ? reference : reference.slice(0, reference.lastIndexOf('/', template) + 1);
}

function targetOf(source: string, reference: string): string {
  return resolve(dirname(source), decodeURI(reference));
}

/** Returns `greeting-0a1b2c3d.txt` for a file, `texts-0a1b2c3d` for a folder. */
function nameOf(target: string): string {
  const hash = createHash('sha256');
  for (const { path, contents } of filesIn(target)) hash.update(`${path}\0`).update(contents);
  const isFolder = statSync(target).isDirectory();
  const extension = isFolder ? '' : extname(target);
  const stem = basename(target, extension);
  return `${stem}-${hash.digest('hex').slice(0, 8)}${extension}`;
}

/** Returns the files in a folder with their paths from there, sorted; for a file, the file with an empty path. */
function filesIn(target: string): BundledFile[] {
  if (statSync(target).isFile()) return [{ path: '', contents: readFileSync(target) }];
  return readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(target, path)).isFile())
    .sort()
    .map((path) => ({
      path: `/${path.replaceAll(sep, '/')}`,
      contents: readFileSync(join(target, path)),
    }));
}
