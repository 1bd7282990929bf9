import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { type BundlingSettings, resolveBundlingSettings } from '../settings/bundling.ts';
import { projectRoot, resolveEntry } from '../settings/entry.ts';
import type { BuildRequest, BuildResult } from './build-request.ts';
import { installPackages, linkPackages } from './packages.ts';

/** A function's code: `index.mjs`, and a chunk for each module that it imports lazily. */
export interface Bundle {
  /** esbuild's record of which sources are in which file. */
  readonly metafile: Metafile;
  /** Absolute paths of the files and folders that it is made of, without packages. */
  readonly sources: readonly string[];
  /**
   * Writes the bundle, and what belongs beside it.
   *
   * @param architecture of the Lambda function, `arm64` or `x86_64`; absent to run the bundle on this machine
   */
  readonly write: (directory: string, architecture?: string) => void;
}

/** @param entry absolute path, or path from the project's root */
export function requestFor(entry: string, settings: BundlingSettings = {}): BuildRequest {
  const { files: _, nodeModules, external, ...options } = resolveBundlingSettings(settings);
  return {
    ...options,
    root: projectRoot,
    entry: resolveEntry(entry),
    external: [...external, ...nodeModules],
  };
}

/** Adds to what esbuild has built what belongs beside it. */
export function toBundle(built: BuildResult, settings: BundlingSettings = {}): Bundle {
  const { files, nodeModules } = resolveBundlingSettings(settings);
  return {
    metafile: built.metafile,
    sources: [...built.sources, ...files.map((file) => join(projectRoot, file))],
    write(directory, architecture) {
      for (const { path, contents } of built.files) {
        const target = join(directory, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, contents);
      }
      for (const file of files) {
        cpSync(join(projectRoot, file), join(directory, file), { recursive: true });
      }
      if (nodeModules.length === 0) return;
      if (architecture) {
        installPackages(nodeModules, { directory, root: projectRoot, architecture });
      } else {
        linkPackages(nodeModules, { directory, root: projectRoot });
      }
    },
  };
}
