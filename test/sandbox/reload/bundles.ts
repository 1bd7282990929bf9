import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How to bundle a function again, as the kit writes it to the metadata of the function's construct. */
export interface BundleMetadata {
  /** Absolute path of the program that bundles, in TypeScript. */
  readonly program: string;
  readonly entry: string;
  readonly bundling: object;
  /** Absolute paths of the files and folders that the bundle is made of. */
  readonly sources: readonly string[];
}

const TYPE = 'telegram-webhook-kit:bundle';

interface Manifest {
  readonly artifacts?: Record<
    string,
    {
      readonly type: string;
      readonly metadata?: Metadata;
      readonly additionalMetadataFile?: string;
      readonly properties?: { readonly directoryName?: string };
    }
  >;
}

type Metadata = Record<string, readonly { readonly type: string; readonly data?: unknown }[]>;

/** Reads how to bundle the functions of an assembly, by the path of the function's construct. */
export function readBundles(directory: string): Map<string, BundleMetadata> {
  const { artifacts = {} } = readJson<Manifest>(join(directory, 'manifest.json'));
  const found = new Map<string, BundleMetadata>();
  for (const { type, metadata, additionalMetadataFile: file, properties } of Object.values(
    artifacts,
  )) {
    if (type === 'cdk:cloud-assembly') {
      const nested = readBundles(join(directory, properties?.directoryName ?? ''));
      for (const [path, bundle] of nested) found.set(path, bundle);
    }
    const all = { ...metadata, ...(file && readJson<Metadata>(join(directory, file))) };
    for (const [path, entries] of Object.entries(all)) {
      const entry = entries.find((candidate) => candidate.type === TYPE);
      if (entry) found.set(path.replace(/^\//, ''), entry.data as BundleMetadata);
    }
  }
  return found;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
