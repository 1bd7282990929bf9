import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

/**
 * Packages with two builds, named by `main` and `module` in their package.json, that some code loads with `require`.
 * esbuild gives that code the ES modules, which are not what it expects: a function may have become the property
 * `default`. These packages get their `main` for every importer, as in Node, so that there is only one copy of each.
 */
export class RequiredPackages {
  private readonly root: string;
  /** Absolute paths of `main` by those of `module`. */
  private readonly mains = new Map<string, string>();
  /** How the packages were imported. */
  private readonly specifiers = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  /** Learns from a build which packages are required. @returns whether there were new ones */
  learn({ inputs }: Metafile): boolean {
    const known = this.mains.size;
    for (const { imports } of Object.values(inputs)) {
      for (const { path, kind, original, external } of imports) {
        if (kind !== 'require-call' || external || inputs[path]?.format !== 'esm') continue;
        const module = resolve(this.root, path);
        const main = original && mainBeside(module);
        if (!main) continue;
        this.mains.set(module, main);
        this.specifiers.add(original);
      }
    }
    return this.mains.size > known;
  }

  plugins(): Plugin[] {
    if (this.mains.size === 0) return [];
    const patterns = [...this.specifiers].map((text) =>
      text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'),
    );
    const filter = new RegExp(`^(${patterns.join('|')})$`);
    const inProgress = Symbol('in progress');
    const plugin: Plugin = {
      name: 'required-packages',
      setup: (build) => {
        build.onResolve({ filter }, async ({ path, pluginData, ...importer }) => {
          if (pluginData === inProgress) return undefined;
          const found = await build.resolve(path, { ...importer, pluginData: inProgress });
          const main = this.mains.get(found.path);
          // Nothing else is decided here, so that an optional package may be missing.
          return main ? { path: main } : undefined;
        });
      },
    };
    return [plugin];
  }
}

/** Returns the `main` of the package whose `module` a file is; undefined for any other file. */
function mainBeside(module: string): string | undefined {
  for (let directory = dirname(module); ; directory = dirname(directory)) {
    const manifest = readManifest(join(directory, 'package.json'));
    if (manifest?.module && fileAt(directory, manifest.module) === module) {
      const main = fileAt(directory, manifest.main ?? 'index.js');
      return main === module ? undefined : main;
    }
    if (directory === dirname(directory) || dirname(directory).endsWith('node_modules')) {
      return undefined;
    }
  }
}

function readManifest(path: string): { main?: string; module?: string } | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Finds the file that a field of package.json names, as Node does for `main`. */
function fileAt(directory: string, name: string): string | undefined {
  const path = join(directory, name);
  const candidates = [path, `${path}.js`, `${path}.cjs`, `${path}.mjs`, join(path, 'index.js')];
  const file = candidates.find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false })?.isFile(),
  );
  return file && realpathSync(file);
}
