import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HOME, type Location } from '../aws/account.ts';
import type { Mode } from '../leniency.ts';
import { ValidationError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { parseTemplate, type ResourceDefinition, type Template } from './template.ts';
import type { Value } from './values.ts';

/** One stack of a cloud assembly, with everything needed to deploy it. */
export interface StackArtifact {
  readonly name: string;
  readonly template: Template;
  /** Where the app deploys it; absent without an `env`, and ignored in strict mode. */
  readonly location?: Location;
  /** Values of the template's parameters, where they are not the defaults. */
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly terminationProtection?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** The paths of all that the assembly publishes, by key: files, and directories as `<hash>.zip`. */
  readonly assets?: ReadonlyMap<string, string>;
  /** Returns the directory of the files that the assembly publishes as `<hash>.zip`. */
  assetDirectory(hash: string): string;
  /**
   * Returns the template of a nested stack, in lenient mode.
   *
   * @param key is the one under which the assembly publishes it
   * @param path is the construct path of its resource in this stack
   */
  nestedTemplate?(key: string, path?: string): Template | undefined;
}

interface Manifest {
  readonly artifacts?: Record<string, Artifact>;
}

interface Artifact {
  readonly type: string;
  /** `aws://<account>/<region>` */
  readonly environment?: string;
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
    readonly tags?: Record<string, string>;
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

/**
 * Reads the stacks of an assembly and of the stages nested in it, each after those it depends on.
 *
 * @param mode of the sandbox that deploys them. `Sandbox.readAssembly` passes its own
 * @throws ValidationError for what the sandbox does not support in that mode
 */
export function readAssembly(directory: string, mode: Mode = 'strict'): StackArtifact[] {
  const artifacts = readJson<Manifest>(join(directory, 'manifest.json')).artifacts ?? {};
  const ids = topologicalOrder(Object.keys(artifacts), (id) => artifacts[id]?.dependencies ?? []);
  return ids.flatMap((id) => {
    const artifact = artifacts[id] as Artifact;
    switch (artifact.type) {
      case 'aws:cloudformation:stack':
        return [readStack({ directory, siblings: artifacts, mode }, id, artifact)];
      case 'cdk:cloud-assembly':
        return readAssembly(join(directory, artifact.properties?.directoryName ?? ''), mode);
      case 'cdk:asset-manifest':
      case 'cdk:tree':
      case 'cdk:feature-flag-report':
        return [];
      default:
        if (mode === 'lenient') return [];
        throw new ValidationError(
          `Artifact ${id}: ${artifact.type} is not supported by the sandbox`,
        );
    }
  });
}

interface Assembly {
  readonly directory: string;
  readonly siblings: Record<string, Artifact>;
  readonly mode: Mode;
}

function readStack(assembly: Assembly, id: string, artifact: Artifact): StackArtifact {
  const { directory, siblings, mode } = assembly;
  const { templateFile = '', stackName = id, parameters = {} } = artifact.properties ?? {};
  const { terminationProtection = false } = artifact.properties ?? {};
  const isPlain = Object.keys(parameters).length === 0 && !terminationProtection;
  if (mode === 'strict' && !isPlain) {
    throw new ValidationError(
      `Stack ${stackName}: the sandbox supports no parameter values and no termination protection`,
    );
  }
  const assets = new Map<string, string>();
  for (const dependency of artifact.dependencies ?? []) {
    const sibling = siblings[dependency];
    if (sibling?.type !== 'cdk:asset-manifest') continue;
    readAssets(assembly, sibling.properties?.file ?? '', assets);
  }
  const metadata = readMetadata(directory, artifact);
  return {
    name: stackName,
    location: readLocation(artifact.environment),
    parameters,
    terminationProtection,
    tags: artifact.properties?.tags,
    assets,
    template: withPaths(parseTemplate(readJson(join(directory, templateFile)), mode), metadata),
    nestedTemplate(key, path) {
      const file = assets.get(key);
      if (file === undefined || mode === 'strict') return undefined;
      return withPaths(parseTemplate(readJson(file), mode), pathsBelow(metadata, path));
    },
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
function readAssets(
  { directory, mode }: Assembly,
  file: string,
  assets: Map<string, string>,
): void {
  const { files = {}, dockerImages = {} } = readJson<AssetManifest>(join(directory, file));
  if (mode === 'strict' && Object.keys(dockerImages).length > 0) {
    throw new ValidationError(`${file}: Docker images are not supported by the sandbox`);
  }
  for (const [hash, { source, destinations }] of Object.entries(files)) {
    if (source.path === undefined) {
      if (mode === 'lenient') continue;
      throw new ValidationError(`${file}: asset ${hash} has no path`);
    }
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, resolve(directory, source.path));
    }
  }
}

/** Returns the location in `aws://<account>/<region>`, whose parts may be unknown. */
function readLocation(environment = ''): Location | undefined {
  const [, account = '', region = ''] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  const known = {
    account: /^\d+$/.test(account) ? account : HOME.account,
    region: region.startsWith('unknown-') || region === '' ? HOME.region : region,
  };
  return known.account === HOME.account && known.region === HOME.region ? undefined : known;
}

/** Returns the paths of the constructs in a nested stack, whose logical ids its parent may have too. */
function pathsBelow(metadata: Metadata, resourcePath = ''): Metadata {
  const scope = resourcePath.replace(/\.NestedStack\/[^/]+$/, '');
  const inside = Object.entries(metadata).filter(([path]) => path.startsWith(`/${scope}/`));
  return Object.fromEntries(inside);
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
