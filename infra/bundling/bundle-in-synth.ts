import type { BundlingSettings } from '../settings/bundling.ts';
import { buildInWorker } from './build-in-worker.ts';
import type { BuildRequest, BuildResult } from './build-request.ts';
import { type Bundle, requestFor, toBundle } from './bundle.ts';

/**
 * Bundles a function while its construct is created. Code that a request does not use, above all the AWS SDK, is in a
 * chunk that is not even parsed. The output depends only on the sources, so an unchanged function keeps its hash.
 *
 * @param entry absolute path, or path from the project's root
 * @throws Error with esbuild's errors and their places in the source, or with a sentence that says what to do
 */
export function bundle(entry: string, settings: BundlingSettings = {}): Bundle {
  return toBundle(buildOnce(requestFor(entry, settings)), settings);
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
