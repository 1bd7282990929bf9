import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { type BundlingSettings, resolveBundlingSettings } from '../settings/bundling.ts';
import { projectRoot, resolveEntry } from '../settings/entry.ts';
import { buildInWorker } from './build-in-worker.ts';
import type { BuildRequest, BuildResult } from './build-request.ts';
import { installPackages, linkPackages } from './packages.ts';

/** A function's code: `index.mjs`, and a chunk for each module that it imports lazily. */
export interface Bundle {
  /** esbuild's record of which sources are in which file. */
  readonly metafile: Metafile;
  /**
   * Writes the bundle, and what belongs beside it.
   *
   * @param architecture of the Lambda function, `arm64` or `x86_64`; absent to run the bundle on this machine
   */
  readonly write: (directory: string, architecture?: string) => void;
}

/**
 * Bundles a function. Code that a request does not use, above all the AWS SDK, is in a chunk that is not even
 * parsed. The output depends only on the sources, so an unchanged function keeps its hash.
 *
 * @param entry absolute path, or path from the project's root
 * @throws Error with esbuild's errors and their places in the source, or with a sentence that says what to do
 */
export function bundle(entry: string, settings: BundlingSettings = {}): Bundle {
  const { files, nodeModules, external, ...options } = resolveBundlingSettings(settings);
  const built = buildOnce({
    ...options,
    root: projectRoot,
    entry: resolveEntry(entry),
    external: [...external, ...nodeModules],
  });
  return {
    metafile: built.metafile,
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
      if (architecture)
        installPackages(nodeModules, { directory, root: projectRoot, architecture });
      else linkPackages(nodeModules, { directory, root: projectRoot });
    },
  };
}

/** Shared, because several stacks of an app have the same entry and a build takes longer than their synth. */
const builds = new Map<string, BuildResult>();

function buildOnce(request: BuildRequest): BuildResult {
  const key = JSON.stringify(request);
  const known = builds.get(key);
  if (known) return known;
  const result = buildInWorker(request);
  if (result.warnings) console.error(result.warnings);
  builds.set(key, result);
  return result;
}
