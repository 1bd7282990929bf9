import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ValidationError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { parseTemplate, type ResourceDefinition, type Template } from './template.ts';

/** One stack of a cloud assembly, with everything needed to deploy it. */
export interface StackArtifact {
  readonly name: string;
  readonly template: Template;
  /** Returns the directory of the files that the assembly publishes as `<hash>.zip`. */
  assetDirectory(hash: string): string;
}

interface Manifest {
  readonly artifacts?: Record<string, Artifact>;
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly directoryName?: string;
    readonly parameters?: Record<string, string>;
    readonly terminationProtection?: boolean;
  };
}

type Metadata = Record<string, readonly { readonly type: string; readonly data?: unknown }[]>;

interface AssetManifest {
  readonly files?: Record<
    string,
    {
      readonly source: { readonly path?: string; readonly packaging?: string };
      readonly destinations: Record<string, { readonly objectKey: string }>;
    }
  >;
  readonly dockerImages?: Record<string, unknown>;
}

/** Reads the stacks of an assembly and of the stages nested in it, each after those it depends on. */
export function readAssembly(directory: string): StackArtifact[] {
  const artifacts = readJson<Manifest>(join(directory, 'manifest.json')).artifacts ?? {};
  const ids = topologicalOrder(Object.keys(artifacts), (id) => artifacts[id]?.dependencies ?? []);
  return ids.flatMap((id) => {
    const artifact = artifacts[id] as Artifact;
    switch (artifact.type) {
      case 'aws:cloudformation:stack':
        return [readStack(directory, id, artifact, artifacts)];
      case 'cdk:cloud-assembly':
        return readAssembly(join(directory, artifact.properties?.directoryName ?? ''));
      case 'cdk:asset-manifest':
      case 'cdk:tree':
      case 'cdk:feature-flag-report':
        return [];
      default:
        throw new ValidationError(
          `Artifact ${id}: ${artifact.type} is not supported by the sandbox`,
        );
    }
  });
}

function readStack(
  directory: string,
  id: string,
  artifact: Artifact,
  siblings: Record<string, Artifact>,
): StackArtifact {
  const { templateFile = '', stackName = id, parameters = {} } = artifact.properties ?? {};
  if (Object.keys(parameters).length > 0 || artifact.properties?.terminationProtection) {
    throw new ValidationError(
      `Stack ${stackName}: the sandbox supports no parameter values and no termination protection`,
    );
  }
  const assets = new Map<string, string>();
  for (const dependency of artifact.dependencies ?? []) {
    const sibling = siblings[dependency];
    if (sibling?.type !== 'cdk:asset-manifest') continue;
    readAssets(directory, sibling.properties?.file ?? '', assets);
  }
  return {
    name: stackName,
    template: withPaths(
      parseTemplate(readJson(join(directory, templateFile))),
      readMetadata(directory, artifact),
    ),
    assetDirectory(hash) {
      const path = assets.get(`${hash}.zip`);
      if (path === undefined || !statSync(path).isDirectory()) {
        throw new ValidationError(`Stack ${stackName} has no asset directory for ${hash}`);
      }
      return path;
    },
  };
}

/** Adds the path of each file asset to `assets`, by the key under which it is published. */
function readAssets(directory: string, file: string, assets: Map<string, string>): void {
  const { files = {}, dockerImages = {} } = readJson<AssetManifest>(join(directory, file));
  if (Object.keys(dockerImages).length > 0) {
    throw new ValidationError(`${file}: Docker images are not supported by the sandbox`);
  }
  for (const [hash, { source, destinations }] of Object.entries(files)) {
    if (source.path === undefined) {
      throw new ValidationError(`${file}: asset ${hash} has no path`);
    }
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, resolve(directory, source.path));
    }
  }
}

function readMetadata(directory: string, artifact: Artifact): Metadata {
  const { additionalMetadataFile: file } = artifact;
  return { ...artifact.metadata, ...(file && readJson<Metadata>(join(directory, file))) };
}

/**
 * Adds its construct's path (`aws:cdk:path`) to each resource, as the CDK CLI does. An app that runs
 * without the CLI writes the path to the assembly, but not to the template.
 */
function withPaths(template: Template, metadata: Metadata): Template {
  const Resources: Record<string, ResourceDefinition> = { ...template.Resources };
  for (const [path, entries] of Object.entries(metadata)) {
    for (const { type, data } of entries) {
      const resource = type === 'aws:cdk:logicalId' && Resources[data as string];
      if (!resource) continue;
      const Metadata = { 'aws:cdk:path': path.replace(/^\//, ''), ...resource.Metadata };
      Resources[data as string] = { ...resource, Metadata };
    }
  }
  return { ...template, Resources };
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
