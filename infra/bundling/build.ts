import { basename, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import type { BuildRequest, BuildResult } from './build-request.ts';
import { FilesByUrl } from './files-by-url.ts';
import { fileLoaders } from './loaders.ts';
import { nativePartsError, refuseNativeParts } from './native-parts.ts';
import { lightHttp } from './node-http.ts';
import { OutputNeeds } from './output-needs.ts';
import { refuseRequiredAwait } from './required-await.ts';
import { RequiredPackages } from './required-packages.ts';

/**
 * Builds a bundle.
 *
 * @throws Error with esbuild's errors, formatted for a terminal, or a sentence that says what cannot be bundled
 */
export async function build(request: BuildRequest): Promise<BuildResult> {
  const builder = new Builder(request);
  try {
    return await builder.build();
  } finally {
    await builder.close();
  }
}

/**
 * Builds a bundle, and builds it again several times faster.
 *
 * Most plugins are asked about every import or every file, which takes as long as the build itself. So the first build
 * has none of them, and another follows only if the first shows that something needs them, or other options.
 */
export class Builder {
  private readonly request: BuildRequest;
  private readonly required: RequiredPackages;
  private readonly byUrl: FilesByUrl;
  private readonly needs = new OutputNeeds();
  private context?: esbuild.BuildContext<ReturnType<typeof optionsOf>>;

  constructor(request: BuildRequest) {
    this.request = request;
    this.required = new RequiredPackages(request.root);
    this.byUrl = new FilesByUrl(request.root);
  }

  /** @throws as `build` does */
  async build(): Promise<BuildResult> {
    const { root } = this.request;
    const { required, byUrl, needs } = this;
    byUrl.refresh();
    for (;;) {
      const { outputFiles, metafile, warnings } = await this.rebuild();
      const learned = [
        required.learn(metafile),
        byUrl.learn(metafile, outputFiles),
        needs.learn(metafile, outputFiles),
      ];
      if (!learned.includes(true)) {
        refuseNativeParts(metafile, root);
        await refuseRequiredAwait(metafile, root);
        const reached = reachedFiles(metafile);
        const files = outputFiles
          .map(({ path, contents }) => ({ path: basename(path), contents }))
          .filter(
            ({ path }) => !/\.mjs(\.map)?$/.test(path) || reached.has(path.replace(/\.map$/, '')),
          );
        return {
          files: [...files, ...byUrl.files()],
          sources: [...sourcesOf(metafile, root), ...byUrl.targets()],
          metafile,
          warnings: await format(warnings),
        };
      }
      // It gets other plugins or options.
      await this.close();
    }
  }

  async close(): Promise<void> {
    const { context } = this;
    this.context = undefined;
    await context?.dispose();
  }

  private async rebuild() {
    try {
      this.context ??= await esbuild.context({
        ...optionsOf(this.request),
        ...this.needs.options(this.request.minify),
        plugins: [lightHttp, ...this.required.plugins(), ...this.byUrl.plugins()],
      });
      return await this.context.rebuild();
    } catch (failure) {
      const { errors = [] } = failure as Partial<esbuild.BuildFailure>;
      if (errors.length === 0) throw failure;
      throw nativePartsError(errors) ?? new Error(await format(withHint(errors), 'error'));
    }
  }
}

function optionsOf({ root, entry, external, loader, define, sourceMap }: BuildRequest) {
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
    legalComments: 'none',
    sourcemap: sourceMap && 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    metafile: true,
    write: false,
  } satisfies esbuild.BuildOptions;
}

/** Replaces esbuild's advice about packages that are not installed, which are often optional, by ours. */
function withHint(errors: readonly esbuild.Message[]): esbuild.Message[] {
  const missing = errors.flatMap((error) => {
    const [, name] = /^Could not resolve "((?:@[^/"]+\/)?[^./"][^/"]*)/.exec(error.text) ?? [];
    // A package that is installed but lacks the path has notes about that.
    return name === undefined || error.notes.length > 1 ? [] : [{ error, name }];
  });
  const names = [...new Set(missing.map(({ name }) => name))];
  const list = names.map((name) => `'${name}'`).join(', ');
  const text =
    `npm install ${names.join(' ')}\n` +
    `Or leave out what is never used, in the bot's settings: bundling: { external: [${list}] }`;
  const hint = { text, location: null };
  const last = missing.at(-1)?.error;
  return errors.map((error) => {
    if (!missing.some((one) => one.error === error)) return error;
    return { ...error, notes: error === last ? [hint] : [] };
  });
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
    .filter((path) => !path.includes('node_modules/') && !path.startsWith(`${lightHttp.name}:`))
    .map((path) => resolve(root, path));
}

async function format(
  messages: esbuild.Message[],
  kind: 'error' | 'warning' = 'warning',
): Promise<string> {
  const formatted = await esbuild.formatMessages(messages, { kind });
  return formatted.map((message) => message.trimEnd()).join('\n\n');
}
