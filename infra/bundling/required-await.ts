import { type BuildFailure, build, type Metafile } from 'esbuild';

/**
 * Refuses a bundle in which CommonJS code requires a module that awaits at its top level. esbuild builds it, but the
 * code gets the module's exports before they have values.
 *
 * @throws Error that names the modules and what to do
 */
export async function refuseRequiredAwait({ inputs }: Metafile, root: string): Promise<void> {
  const required = Object.entries(inputs).flatMap(([importer, { format, imports }]) =>
    imports
      .filter(
        ({ path, kind }) =>
          inputs[path]?.format === 'esm' &&
          (kind === 'require-call' || (format === 'cjs' && kind === 'import-statement')),
      )
      .map(({ path }) => ({ importer, module: path })),
  );
  if (required.length === 0) return;
  const reached = required.map(({ module }) => staticallyReached(inputs, module));
  const awaiting = await topLevelAwaits(new Set(reached.flatMap((paths) => [...paths])), root);
  for (const [index, { importer, module }] of required.entries()) {
    const place = awaiting.find(({ file }) => reached[index]?.has(file));
    if (!place) continue;
    throw new Error(
      `${importer} requires ${module}, but ${place.file} awaits at its top level (line ${place.line}), and \`require\` ` +
        `cannot wait: in ${importer}, write import and export instead of require and module.exports`,
    );
  }
}

/** Returns the ES modules that are loaded with a module, itself included. */
function staticallyReached(inputs: Metafile['inputs'], module: string): Set<string> {
  const reached = new Set([module]);
  for (const one of reached) {
    for (const { path, kind } of inputs[one]?.imports ?? []) {
      if (kind === 'import-statement' && inputs[path]?.format === 'esm') reached.add(path);
    }
  }
  return reached;
}

/** Finds top-level awaits by converting modules to CommonJS, which has none. */
async function topLevelAwaits(paths: ReadonlySet<string>, root: string) {
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [...paths],
      outdir: root,
      format: 'cjs',
      target: 'node24',
      logLevel: 'silent',
      write: false,
    });
    return [];
  } catch (failure) {
    return (failure as BuildFailure).errors
      .filter(({ text }) => text.startsWith('Top-level await'))
      .flatMap(({ location }) => location ?? []);
  }
}
