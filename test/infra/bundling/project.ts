import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';
import type { BundlingSettings } from '../../../infra/settings/bundling.ts';

/** Writes files by path, those of `node_modules` included, to a new folder. @returns the folder */
export function writeProject(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'project-')));
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), contents);
  }
  return directory;
}

/** Gives a project the packages that the kit has installed. */
export function linkInstalledPackages(project: string): void {
  const installed = createRequire(import.meta.url).resolve('esbuild/package.json');
  symlinkSync(dirname(dirname(installed)), join(project, 'node_modules'), 'junction');
}

/** Bundles an entry for this machine. @returns the bundle's folder */
export function bundled(entry: string, settings?: BundlingSettings): string {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  bundle(entry, settings).write(directory);
  return directory;
}

/** Runs a module in a process of its own, in its folder. @returns what it prints, without the last newline */
export function runModule(module: string): string {
  return execFileSync(process.execPath, [module], {
    cwd: dirname(module),
    encoding: 'utf8',
  }).trimEnd();
}

/** Bundles and runs a project's `bot.ts`. @returns what it prints */
export function runBot(
  files: Readonly<Record<string, string | Uint8Array>>,
  settings?: BundlingSettings,
): string {
  return runModule(join(bundled(join(writeProject(files), 'bot.ts'), settings), 'index.mjs'));
}

export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}
