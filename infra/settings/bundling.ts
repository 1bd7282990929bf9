import { existsSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';
import type { Loader } from 'esbuild';
import { projectRoot } from './entry.ts';

/** How esbuild bundles a bot. The names are those of `NodejsFunction`, or esbuild's own. */
export interface BundlingSettings {
  /**
   * Packages that are installed beside the bundle instead of being bundled, at the version in package.json: those
   * with parts that are compiled for one platform, such as `sharp`, and those that esbuild cannot bundle. They are
   * installed for Lambda's platform, whatever this machine's is.
   *
   * @default - everything is bundled
   */
  readonly nodeModules?: readonly string[];

  /**
   * Packages that are left out, because a layer has them or because they are optional and never used.
   *
   * @default - none
   */
  readonly external?: readonly string[];

  /**
   * Files and folders that the bot opens by their path, relative to the project's root: `locales` is read as
   * `locales/en.ftl`. Imports and `new URL('./x', import.meta.url)` need nothing here.
   *
   * @default - none
   */
  readonly files?: readonly string[];

  /**
   * esbuild's loaders by file extension: `{ '.proto': 'text' }`.
   *
   * @default - the usual text files are strings, images and other binary files are `Uint8Array`s
   * @see https://esbuild.github.io/content-types/
   */
  readonly loader?: Readonly<Record<string, Loader>>;

  /**
   * Global names to replace by constants: `{ DEBUG: 'false' }`.
   *
   * @default - none
   * @see https://esbuild.github.io/api/#define
   */
  readonly define?: Readonly<Record<string, string>>;

  /**
   * Whether the code is made smaller, so that it loads faster.
   *
   * @default true
   */
  readonly minify?: boolean;

  /**
   * Whether source maps travel with the bundle, so that logged errors name your files and lines. They are read only
   * when an error is logged.
   *
   * @default true
   */
  readonly sourceMap?: boolean;
}

/**
 * Fills in the defaults and checks the values.
 *
 * @throws Error that shows the value, what is allowed, and the fix
 */
export function resolveBundlingSettings(settings: BundlingSettings): Required<BundlingSettings> {
  const resolved: Required<BundlingSettings> = {
    nodeModules: settings.nodeModules ?? [],
    external: settings.external ?? [],
    files: settings.files ?? [],
    loader: settings.loader ?? {},
    define: settings.define ?? {},
    minify: settings.minify ?? true,
    sourceMap: settings.sourceMap ?? true,
  };
  resolved.files.forEach(checkFile);
  for (const extension of Object.keys(resolved.loader)) {
    if (!extension.startsWith('.')) {
      throw new Error(`bundling.loader must have keys such as .proto, got ${extension}`);
    }
  }
  return resolved;
}

function checkFile(file: string): void {
  const path = normalize(file);
  const isInside = !isAbsolute(path) && !path.startsWith(`..${sep}`) && path !== '.';
  if (isInside && existsSync(join(projectRoot, path))) return;
  throw new Error(
    `bundling.files must name files or folders below the project's root, such as locales; got ${file}`,
  );
}
