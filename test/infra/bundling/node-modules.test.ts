import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installPackages, linkPackages } from '../../../infra/bundling/packages.ts';
import { filesIn, runModule, writeProject } from './project.ts';
import { npm, type Registry, startRegistry } from './registry.ts';

/** The beginning of a Linux library for a machine. */
function library(machine: number): Uint8Array {
  const header = Buffer.alloc(20);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(machine, 18);
  return header;
}

const [ARM64, X64] = [0xb7, 0x3e];

const version = '1.0.0';
const prebuilt = (os: string, cpu: string, contents: Uint8Array) => ({
  manifest: { name: `compiled-${os}-${cpu}`, version, os: [os], cpu: [cpu] },
  files: { 'compiled.node': contents },
});
const names = ['compiled-linux-arm64', 'compiled-linux-x64', 'compiled-darwin-arm64'];

const packages: Parameters<typeof startRegistry>[0] = [
  prebuilt('linux', 'arm64', library(ARM64)),
  prebuilt('linux', 'x64', library(X64)),
  prebuilt('darwin', 'arm64', Buffer.from('no Linux library at all')),
  {
    manifest: {
      name: 'compiled',
      version,
      optionalDependencies: Object.fromEntries(names.map((name) => [name, version])),
    },
    files: { 'index.js': Buffer.from("module.exports = 'compiled';") },
  },
  {
    manifest: { name: 'compiles-itself', version },
    files: { 'build/Release/compiles-itself.node': library(X64) },
  },
];

let registry: Registry;
/** A project with all of them installed. */
let root: string;
beforeAll(async () => {
  registry = await startRegistry(packages);
  vi.stubEnv('npm_config_registry', registry.url);
  // Without a cache, because a later run's packages differ.
  vi.stubEnv('npm_config_cache', mkdtempSync(join(tmpdir(), 'npm-cache-')));
  const dependencies = { compiled: `^${version}`, 'compiles-itself': `^${version}` };
  root = writeProject({ 'package.json': JSON.stringify({ dependencies }) });
  npm(['install', '--no-audit', '--no-fund'], root);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

function installed(name: string, architecture: string, project = root): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  installPackages([name], { directory, root: project, architecture });
  return filesIn(directory).filter(
    (path) => path.endsWith('.node') || !path.includes('node_modules'),
  );
}

describe('packages that are installed beside a bundle', () => {
  it.each([
    ['arm64', 'arm64'],
    ['x86_64', 'x64'],
  ])("have the compiled code for Lambda's %s, whatever this machine is", (architecture, cpu) => {
    const library = join('node_modules', `compiled-linux-${cpu}`, 'compiled.node');
    expect(installed('compiled', architecture)).toEqual([library]);
  });

  it('have it without a lock file of npm too', () => {
    const unlocked = writeProject({});
    cpSync(root, unlocked, { recursive: true });
    rmSync(join(unlocked, 'package-lock.json'));
    const library = join('node_modules', 'compiled-linux-arm64', 'compiled.node');
    expect(installed('compiled', 'arm64', unlocked)).toContain(library);
  });

  it('are refused if their code is compiled for this machine alone', () => {
    expect(() => installed('compiles-itself', 'arm64')).toThrow(
      "compiles-itself has no compiled code for Lambda's linux and arm64",
    );
    expect(installed('compiles-itself', 'x86_64')).toHaveLength(1);
  });

  it('are refused if package.json does not have them', () => {
    expect(() => installed('sharp', 'arm64')).toThrow(
      'bundling.nodeModules has sharp, which is not among the dependencies in package.json: npm install sharp',
    );
  });

  it("show npm's error if it cannot install them", () => {
    const project = writeProject({
      'package.json': '{ "dependencies": { "no-such-package": "1.0.0" } }',
      'node_modules/no-such-package/package.json': '{ "version": "1.0.0" }',
    });
    expect(() => installed('no-such-package', 'arm64', project)).toThrow(
      /npm could not install bundling\.nodeModules for Lambda:\n.*E404/s,
    );
  });
});

describe('packages that are linked beside a bundle, for this machine', () => {
  it("are the project's own", () => {
    const directory = realpathSync(
      writeProject({ 'index.mjs': "import compiled from 'compiled';\nconsole.log(compiled);" }),
    );
    linkPackages(['compiled'], { directory, root });
    expect(runModule(join(directory, 'index.mjs'))).toBe('compiled');
    expect(realpathSync(join(directory, 'node_modules', 'compiled'))).toBe(
      join(root, 'node_modules', 'compiled'),
    );
  });

  it('are found above the project, as in an npm workspace', () => {
    const workspace = writeProject({
      'node_modules/@scope/hoisted/package.json': '{ "main": "index.js" }',
      'node_modules/@scope/hoisted/index.js': "module.exports = 'hoisted';",
      'packages/bot/package.json': '{}',
    });
    const directory = writeProject({
      'index.mjs': "import text from '@scope/hoisted';\nconsole.log(text);",
    });
    linkPackages(['@scope/hoisted'], { directory, root: join(workspace, 'packages/bot') });
    expect(runModule(join(directory, 'index.mjs'))).toBe('hoisted');
  });

  it('are refused if they are not installed', () => {
    const project = writeProject({ 'package.json': '{}' });
    const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
    expect(() => linkPackages(['sharp'], { directory, root: project })).toThrow(
      'bundling.nodeModules has sharp, which is not installed: npm install sharp',
    );
  });
});
