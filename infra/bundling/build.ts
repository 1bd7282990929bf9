import { basename, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import type { BuildRequest, BuildResult } from './build-request.ts';
import { FilesByUrl } from './files-by-url.ts';
import { fileLoaders } from './loaders.ts';
import { nativePartsError, refuseNativeParts } from './native-parts.ts';
import { RequiredPackages } from './required-packages.ts';

/**
 * Defines `require`, which ES modules lack, but which CommonJS packages (grammY's HTTP client among them) call
 * to load parts of Node. It does not import node:module, because that would slow down every cold start.
 */
const requireForCommonJs =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Builds a bundle. A plugin is asked about every import of every file, which takes as long as the build itself.
 * So the first build has none, and another follows only if the first shows that something needs a plugin.
 *
 * @throws Error with esbuild's errors, formatted for a terminal, or a sentence that says what cannot be bundled
 */
export async function build(request: BuildRequest): Promise<BuildResult> {
  const required = new RequiredPackages(request.root);
  const byUrl = new FilesByUrl(request.root);
  for (;;) {
    const { outputFiles, metafile, warnings } = await buildOnce(request, [
      ...required.plugins(),
      ...byUrl.plugins(),
    ]);
    const isComplete = !required.learn(metafile);
    if (!byUrl.learn(metafile, outputFiles) && isComplete) {
      refuseNativeParts(metafile, request.root);
      const reached = reachedFiles(metafile);
      const files = outputFiles
        .map(({ path, contents }) => ({ path: basename(path), contents }))
        .filter(
          ({ path }) => !/\.mjs(\.map)?$/.test(path) || reached.has(path.replace(/\.map$/, '')),
        );
      return {
        files: [...files, ...byUrl.files()],
        sources: [...sourcesOf(metafile, request.root), ...byUrl.targets()],
        metafile,
        warnings: await format(warnings),
      };
    }
  }
}

async function buildOnce(request: BuildRequest, plugins: esbuild.Plugin[]) {
  try {
    return await esbuild.build({ ...optionsOf(request), plugins });
  } catch (failure) {
    const { errors = [] } = failure as Partial<esbuild.BuildFailure>;
    if (errors.length === 0) throw failure;
    throw nativePartsError(errors) ?? new Error((await format(errors, 'error')) + hintFor(errors));
  }
}

function optionsOf({ root, entry, external, loader, define, minify, sourceMap }: BuildRequest) {
  return {
    absWorkingDir: root,
    entryPoints: { index: entry },
    // Nothing is written there. The sources in a source map are relative to it.
    outdir: root,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS build cannot be split, and a bot with the DynamoDB client loads in 66 ms with it, in
    // 32 ms with its ES modules. `RequiredPackages` handles code that calls `require`.
    mainFields: ['module', 'main'],
    external: [...external],
    loader: { ...fileLoaders, ...loader },
    // What CommonJS code has and ES modules lack. Unlike a banner, this leaves alone what a module declares itself.
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename', ...define },
    minify,
    // grammY looks up some of its parts by their class names.
    keepNames: true,
    banner: { js: requireForCommonJs },
    legalComments: 'none',
    sourcemap: sourceMap && 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    metafile: true,
    write: false,
  } satisfies esbuild.BuildOptions;
}

/** Returns what to do about packages that are not installed, which are often optional. */
function hintFor(errors: readonly esbuild.Message[]): string {
  const missing = errors.flatMap(
    ({ text }) => /^Could not resolve "((?:@[^/"]+\/)?[^./"][^/"]*)/.exec(text)?.[1] ?? [],
  );
  if (missing.length === 0) return '';
  const names = [...new Set(missing)].map((name) => `'${name}'`).join(', ');
  return `\n\nInstall them, or leave out those that are never used, in the bot's settings: bundling: { external: [${names}] }`;
}

/** Returns the files that the entry reaches. esbuild also writes chunks whose last import was dead code. */
function reachedFiles({ outputs }: esbuild.Metafile): Set<string> {
  // Paths in a metafile have slashes on Windows too, so no path is built here.
  const reached = new Set(Object.keys(outputs).filter((path) => basename(path) === 'index.mjs'));
  for (const file of reached) {
    for (const { path, external } of outputs[file]?.imports ?? []) {
      if (!external) reached.add(path);
    }
  }
  return new Set([...reached].map((path) => basename(path)));
}

function sourcesOf({ inputs }: esbuild.Metafile, root: string): string[] {
  return Object.keys(inputs)
    .filter((path) => !path.includes('node_modules/'))
    .map((path) => resolve(root, path));
}

async function format(
  messages: esbuild.Message[],
  kind: 'error' | 'warning' = 'warning',
): Promise<string> {
  const formatted = await esbuild.formatMessages(messages, { kind });
  return formatted.map((message) => message.trimEnd()).join('\n\n');
}
