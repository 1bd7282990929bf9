import { builtinModules } from 'node:module';
import type { Metafile } from 'esbuild';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';

/** The AWS SDK. Measured: it costs nothing in a chunk that is never loaded, and 100 ms in the entry. */
export const AWS_SDK = /node_modules\/@(aws-sdk|smithy)\//;

export interface ColdStart {
  /** Source files that are parsed before the first request. */
  readonly eager: readonly string[];
  /** Node's built-in modules that are loaded before the first request. */
  readonly builtins: readonly string[];
  /** Size of the code that is parsed before the first request. */
  readonly bytes: number;
  /** Source files in chunks of their own, which are loaded on demand. */
  readonly lazy: readonly string[];
}

/** Bundles an entry as the stack does, and returns what its cold start has to load. */
export function coldStart(entry: string): ColdStart {
  const { metafile } = bundle(entry);
  const entryChunk = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === entry,
  );
  const chunks = staticallyReached(metafile, String(entryChunk));
  const outputs = [...chunks].flatMap((path) => metafile.outputs[path] ?? []);
  const eager = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  return {
    eager,
    builtins: outputs
      .flatMap(({ imports }) => imports)
      .filter(({ kind, path }) => kind !== 'dynamic-import' && isBuiltin(path))
      .map(({ path }) => path),
    bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    lazy: Object.keys(metafile.inputs).filter((path) => !eager.includes(path)),
  };
}

function staticallyReached({ outputs }: Metafile, entry: string): Set<string> {
  const reached = new Set([entry]);
  for (const chunk of reached) {
    for (const { kind, path, external } of outputs[chunk]?.imports ?? []) {
      if (kind === 'import-statement' && !external) reached.add(path);
    }
  }
  return reached;
}

function isBuiltin(path: string): boolean {
  return path.startsWith('node:') || builtinModules.includes(path);
}
