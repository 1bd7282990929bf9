import { builtinModules } from 'node:module';
import type { Metafile } from 'esbuild';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';

/** Packages, the AWS SDK above all, whose loading would take longer than everything else. */
export const PACKAGES = /node_modules\//;

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

/** Bundles an entry as the stack does for a delivery, and returns what its cold start has to load. */
export function coldStart(entry: string, delivery = 'direct'): ColdStart {
  const define = { 'process.env.UPDATE_DELIVERY': JSON.stringify(delivery) };
  const { metafile } = bundle(entry, { define });
  const entryChunk = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === entry,
  );
  const chunks = staticallyReached(metafile, String(entryChunk));
  const outputs = [...chunks].flatMap((path) => metafile.outputs[path] ?? []);
  const eager = outputs.flatMap(filesIn);
  return {
    eager,
    builtins: outputs
      .flatMap(({ imports }) => imports)
      .filter(({ kind, path }) => kind !== 'dynamic-import' && isBuiltin(path))
      .map(({ path }) => path),
    bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    lazy: Object.values(metafile.outputs)
      .flatMap(filesIn)
      .filter((path) => !eager.includes(path)),
  };
}

/** Returns the source files of which something is in a bundled file. */
function filesIn({ inputs }: Metafile['outputs'][string]): string[] {
  return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? path : [],
  );
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
