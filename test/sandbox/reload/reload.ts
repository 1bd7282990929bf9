import { readdirSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionConfiguration } from '../aws/lambda/configuration.ts';
import type { BundleMetadata } from './bundles.ts';
import { Changes } from './changes.ts';
import { type Rebundled, Rebundler } from './rebundler.ts';

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** What a reload has done, for the terminal. */
export type ReloadReport =
  | {
      readonly kind: 'reloaded';
      readonly file: string;
      readonly durationMs: number;
      readonly warnings: string;
    }
  | { readonly kind: 'failed'; readonly file: string; readonly error: string }
  | { readonly kind: 'redeploying'; readonly file: string };

export interface ReloadOptions {
  /** By the path of the function's construct. */
  readonly bundles: ReadonlyMap<string, BundleMetadata>;
  readonly lambda: {
    configurationAt(constructPath: string): FunctionConfiguration | undefined;
    update(configuration: FunctionConfiguration): void;
  };
  /** Returns a new folder for a bundle. */
  readonly folder: () => string;
  /** Deploys the app again. @returns how to bundle its functions now; undefined if nothing has changed */
  readonly redeploy: () => Promise<ReadonlyMap<string, BundleMetadata> | undefined>;
  readonly report: (report: ReloadReport) => void;
  /** Milliseconds, for the durations in reports. */
  readonly now: () => number;
  /** When the bundles were made, in milliseconds since the epoch: what was saved since then is reloaded. @default now */
  readonly since?: number;
  /** Absolute path of the project. @default - the project of the sandbox */
  readonly project?: string;
}

/**
 * Reloads what is saved: a function whose sources change gets its new code, with which the next update runs; a
 * change of the app deploys it again. One thing happens at a time, in the order of saving.
 */
export class Reload {
  private readonly options: ReloadOptions;
  private readonly project: string;
  private readonly rebundlers = new Map<string, Rebundler>();
  private bundles: ReadonlyMap<string, BundleMetadata>;
  /** Sources by construct path, as of the last build that succeeded. */
  private readonly sources = new Map<string, ReadonlySet<string>>();
  /** Functions whose last build failed: any change may fix them, a new file for instance. */
  private readonly broken = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  private changes?: Changes;
  private isClosed = false;

  /** @param isWarm whether to start the bundler before the first change, so that the first reload is as fast as others */
  static async start(options: ReloadOptions, { isWarm = true } = {}): Promise<Reload> {
    const reload = new Reload(options);
    reload.changes = await Changes.watch(reload.project, (paths) => reload.onChange(paths));
    for (const { sources } of reload.bundles.values()) reload.watch(sources);
    reload.catchUp();
    if (isWarm)
      for (const { program } of reload.bundles.values()) reload.rebundler(program).start();
    return reload;
  }

  private constructor(options: ReloadOptions) {
    this.options = options;
    this.project = options.project ?? projectRoot;
    this.bundles = options.bundles;
    this.learn();
  }

  /** Reloads what was saved before changes were noticed. */
  private catchUp(): void {
    const { since = Number.POSITIVE_INFINITY } = this.options;
    const infra = join(this.project, 'infra');
    const app = readdirSync(infra, { recursive: true, encoding: 'utf8' });
    const files = [
      ...[...this.sources.values()].flatMap((paths) => [...paths]),
      ...app.map((path) => join(infra, path)),
    ];
    const changed = files.filter((path) => {
      const file = statSync(path, { throwIfNoEntry: false });
      return file?.isFile() && file.mtimeMs > since;
    });
    if (changed.length > 0) this.onChange(new Set(changed));
  }

  /** Resolves when everything that was saved until now is reloaded. */
  async settled(): Promise<void> {
    await this.work;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.changes?.close();
    await Promise.all([...this.rebundlers.values()].map((rebundler) => rebundler.close()));
    await this.work;
  }

  private learn(): void {
    for (const [path, { sources }] of this.bundles) this.sources.set(path, new Set(sources));
  }

  /** Watches the sources that are outside the project, as in a workspace. */
  private watch(sources: readonly string[]): void {
    const outside = sources.filter((path) => !path.startsWith(this.project));
    if (outside.length > 0) this.changes?.add(outside);
  }

  private onChange(paths: ReadonlySet<string>): void {
    this.work = this.work.then(async () => {
      if (this.isClosed) return;
      const app = [...paths].find((path) => this.isOfApp(path));
      if (app) await this.redeploy(app);
      else await this.reload(paths);
    });
  }

  private isOfApp(path: string): boolean {
    return (
      path === join(this.project, 'cdk.json') || path.startsWith(join(this.project, 'infra') + sep)
    );
  }

  private async redeploy(file: string): Promise<void> {
    this.options.report({ kind: 'redeploying', file: this.nameOf(file) });
    const bundles = await this.options.redeploy();
    if (!bundles) return;
    this.bundles = bundles;
    this.broken.clear();
    this.learn();
    for (const { sources } of bundles.values()) this.watch(sources);
  }

  private async reload(paths: ReadonlySet<string>): Promise<void> {
    const { now, report } = this.options;
    const start = now();
    let changed: string | undefined;
    let warnings = '';
    for (const [constructPath, metadata] of this.bundles) {
      const sources = this.sources.get(constructPath) ?? new Set();
      const cause = [...paths].find(
        (path) => this.broken.has(constructPath) || isAmong(path, sources),
      );
      if (!cause) continue;
      changed = cause;
      const result = await this.reloadFunction(constructPath, metadata);
      if (!result || this.isClosed) return;
      if ('error' in result) {
        report({ kind: 'failed', file: this.nameOf(cause), error: result.error });
        return;
      }
      warnings ||= result.warnings;
    }
    if (!changed) return;
    report({ kind: 'reloaded', file: this.nameOf(changed), durationMs: now() - start, warnings });
  }

  /** Bundles a function, and replaces its code if that succeeds. @returns undefined if the function is not deployed */
  private async reloadFunction(
    constructPath: string,
    metadata: BundleMetadata,
  ): Promise<Rebundled | undefined> {
    const { folder, lambda } = this.options;
    const configuration = lambda.configurationAt(constructPath);
    if (!configuration) return undefined;
    const directory = folder();
    const result = await this.rebundler(metadata.program).rebundle(metadata, directory);
    if (this.isClosed) return undefined;
    if ('error' in result) {
      this.broken.add(constructPath);
    } else {
      this.broken.delete(constructPath);
      this.sources.set(constructPath, new Set(result.sources));
      this.watch(result.sources);
      lambda.update({ ...configuration, codeDirectory: directory });
    }
    return result;
  }

  private rebundler(program: string): Rebundler {
    const rebundler = this.rebundlers.get(program) ?? new Rebundler(program);
    this.rebundlers.set(program, rebundler);
    return rebundler;
  }

  private nameOf(path: string): string {
    return path.startsWith(this.project) ? basename(path) : path;
  }
}

/** Whether a path is one of the sources, or in a folder among them. */
function isAmong(path: string, sources: ReadonlySet<string>): boolean {
  if (sources.has(path)) return true;
  return [...sources].some((source) => path.startsWith(source + sep));
}
