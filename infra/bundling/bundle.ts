import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, buildSync, type Metafile } from 'esbuild';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Defines `require`, which ES modules lack, but which CommonJS packages (grammY's HTTP client among them) call
 * to load parts of Node. It does not import node:module, because that would slow down every cold start.
 */
const requireForCommonJs =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Bundles one function into `outputDirectory`: `index.mjs`, and a chunk for each module that it imports lazily.
 * Code that a request does not use, above all the AWS SDK, is in a chunk that is not even parsed. The output
 * depends only on the sources, so an unchanged function keeps its hash.
 *
 * @returns esbuild's record of which sources are in which file
 * @throws esbuild's `BuildFailure`, after printing each error with its place in the source
 */
export function bundle(entry: string, outputDirectory: string): Metafile {
  const { outputFiles, metafile } = buildOnce(entry);
  const reached = reachedChunks(metafile);
  mkdirSync(outputDirectory, { recursive: true });
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    if (reached.has(name)) writeFileSync(join(outputDirectory, name), contents);
  }
  return metafile;
}

type Build = BuildResult<{ metafile: true; write: false }>;

/** Shared, because several stacks of an app have the same entry and a build takes longer than their synth. */
const builds = new Map<string, Build>();

function buildOnce(entry: string): Build {
  const build = builds.get(entry) ?? buildEntry(entry);
  builds.set(entry, build);
  return build;
}

function buildEntry(entry: string): Build {
  return buildSync({
    absWorkingDir: projectRoot,
    entryPoints: { index: entry },
    // Nothing is written there; esbuild requires a name.
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS build cannot be split; its ES modules can.
    mainFields: ['module', 'main'],
    minify: true,
    // grammY looks up some of its parts by their class names.
    keepNames: true,
    banner: { js: requireForCommonJs },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
}

/** Returns the chunks that the entry reaches. esbuild also writes chunks whose last import was dead code. */
function reachedChunks({ outputs }: Metafile): Set<string> {
  // Paths in a metafile have slashes on Windows too, so no path is built here.
  const reached = new Set(Object.keys(outputs).filter((path) => basename(path) === 'index.mjs'));
  for (const file of reached) {
    for (const { path, external } of outputs[file]?.imports ?? []) {
      if (!external) reached.add(path);
    }
  }
  return new Set([...reached].map((path) => basename(path)));
}
