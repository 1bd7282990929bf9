import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, buildSync, type Metafile } from 'esbuild';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * CommonJS packages, grammY's HTTP client among them, call `require` for parts of Node, and an ES module
 * has none. Not an `import` of node:module, which a cold start would pay for.
 */
const requireForCommonJs =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Bundles one function into `outputDirectory`: `index.mjs`, and a chunk for each module that it
 * imports lazily. What a request does not ask for, the AWS SDK above all, lies in a chunk that is
 * not even parsed. The output depends on the sources alone, so an unchanged function keeps its hash.
 *
 * @returns what went into which file
 * @throws esbuild's `BuildFailure`, after printing each error with its place in the source.
 */
export function bundle(entry: string, outputDirectory: string): Metafile {
  const { outputFiles, metafile } = built(entry);
  const wanted = reachedChunks(metafile);
  mkdirSync(outputDirectory, { recursive: true });
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    if (wanted.has(name)) writeFileSync(join(outputDirectory, name), contents);
  }
  return metafile;
}

type Build = BuildResult<{ metafile: true; write: false }>;

/** Several bots and stacks of an app share an entry, and a build takes longer than all their synth. */
const builds = new Map<string, Build>();

function built(entry: string): Build {
  const build = builds.get(entry) ?? buildEntry(entry);
  builds.set(entry, build);
  return build;
}

function buildEntry(entry: string): Build {
  return buildSync({
    absWorkingDir: projectRoot,
    entryPoints: { index: entry },
    // Nothing is written there: esbuild wants a name.
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
    // grammY finds some of its parts by their class names.
    keepNames: true,
    banner: { js: requireForCommonJs },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
}

/** esbuild also writes chunks whose last import it has found to be dead. */
function reachedChunks({ outputs }: Metafile): Set<string> {
  // Paths in a metafile have slashes on Windows too, so none is put together here.
  const reached = new Set(Object.keys(outputs).filter((path) => basename(path) === 'index.mjs'));
  for (const file of reached) {
    for (const { path, external } of outputs[file]?.imports ?? []) {
      if (!external) reached.add(path);
    }
  }
  return new Set([...reached].map((path) => basename(path)));
}
