import type { Loader, Metafile } from 'esbuild';

/** What `bundle` asks of the worker. Everything in it can be cloned, and equal requests have equal results. */
export interface BuildRequest {
  /** Absolute path of the project's root. Paths in the results are relative to it. */
  readonly root: string;
  /** Absolute path of the entry. */
  readonly entry: string;
  /** Names of packages that are not bundled. */
  readonly external: readonly string[];
  /** esbuild's loaders by extension, beside its own and those in `loaders.ts`. */
  readonly loader: Readonly<Record<string, Loader>>;
  readonly define: Readonly<Record<string, string>>;
  readonly minify: boolean;
  readonly sourceMap: boolean;
}

/** A file of a bundle. */
export interface BundledFile {
  /** Path inside the bundle, with slashes. */
  readonly path: string;
  readonly contents: Uint8Array;
}

export interface BuildResult {
  readonly files: readonly BundledFile[];
  /** Absolute paths of the files and folders that it is made of, without packages. */
  readonly sources: readonly string[];
  /** esbuild's record of which sources are in which file. */
  readonly metafile: Metafile;
  /** esbuild's warnings, formatted for a terminal. */
  readonly warnings: string;
}
