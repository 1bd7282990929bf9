import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

export interface PackagesOptions {
  /** The bundle's folder, which gets `node_modules`. */
  readonly directory: string;
  /** The project's root, with the package.json that has the packages among its dependencies. */
  readonly root: string;
}

/** npm's name and the number in the header of a Linux library, by Lambda's name of an architecture. */
const ARCHITECTURES: Readonly<Record<string, { npm: string; elf: number }>> = {
  arm64: { npm: 'arm64', elf: 0xb7 },
  x86_64: { npm: 'x64', elf: 0x3e },
};

/** What only npm needs. Its lock files name the registry, which would change the bundle's hash. */
const LEFTOVERS = [
  'package.json',
  'package-lock.json',
  'node_modules/.package-lock.json',
  'node_modules/.bin',
];

/**
 * Installs packages for Lambda's platform beside a bundle.
 *
 * @throws Error when package.json lacks one, npm fails, or compiled code is not for that platform
 */
export function installPackages(
  names: readonly string[],
  { directory, root, architecture }: PackagesOptions & { readonly architecture: string },
): void {
  const target = ARCHITECTURES[architecture];
  if (!target)
    throw new Error(`nodeModules cannot be installed for the architecture ${architecture}`);
  const lock = join(root, 'package-lock.json');
  const isLocked = existsSync(lock);
  const dependencies = Object.fromEntries(
    names.map((name) => [name, isLocked ? rangeOf(name, root) : versionOf(name, root)]),
  );
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ dependencies }));
  if (isLocked) cpSync(lock, join(directory, 'package-lock.json'));
  npm(isLocked ? 'ci' : 'install', directory, target.npm);
  for (const leftover of LEFTOVERS) {
    rmSync(join(directory, leftover), { recursive: true, force: true });
  }
  checkCompiledCode(directory, target.elf, architecture);
}

/** Links the project's own packages beside a bundle, to run it on this machine. */
export function linkPackages(names: readonly string[], { directory, root }: PackagesOptions): void {
  for (const name of names) {
    const link = join(directory, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packageDirectory(name, root), link, 'junction');
  }
}

function npm(command: 'ci' | 'install', directory: string, cpu: string): void {
  const isWindows = process.platform === 'win32';
  const args = [
    '--os=linux',
    `--cpu=${cpu}`,
    '--libc=glibc',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
  ];
  try {
    execFileSync(isWindows ? 'npm.cmd' : 'npm', [command, ...args], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: isWindows,
      // Install scripts of older packages download what these two say.
      env: { ...process.env, npm_config_platform: 'linux', npm_config_arch: cpu },
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    const reason = stderr?.toString().trim() || message;
    throw new Error(`npm could not install bundling.nodeModules for Lambda:\n${reason}`);
  }
}

/** Returns the versions that the project allows, which are those of its lock file. */
function rangeOf(name: string, root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { optionalDependencies, devDependencies, dependencies } = manifest;
  const range = { ...optionalDependencies, ...devDependencies, ...dependencies }[name];
  if (range) return range;
  throw new Error(
    `bundling.nodeModules has ${name}, which is not among the dependencies in package.json: npm install ${name}`,
  );
}

/** Returns the version that is installed. */
function versionOf(name: string, root: string): string {
  rangeOf(name, root);
  return JSON.parse(readFileSync(join(packageDirectory(name, root), 'package.json'), 'utf8'))
    .version;
}

/** Returns where a package is installed, by Node's rules: above the project too, as in an npm workspace. */
function packageDirectory(name: string, root: string): string {
  const folders = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found) return realpathSync(found);
  throw new Error(`bundling.nodeModules has ${name}, which is not installed: npm install ${name}`);
}

/** Checks that each package with compiled code has some for the function's architecture. */
function checkCompiledCode(directory: string, elf: number, architecture: string): void {
  const modules = join(directory, 'node_modules');
  const fits = new Map<string, boolean>();
  for (const path of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.node')) continue;
    const name = /^(?:.*[\\/]node_modules[\\/])?(@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? path;
    fits.set(name, fits.get(name) || machineOf(join(modules, path)) === elf);
  }
  const [wrong] = [...fits].find(([, fit]) => !fit) ?? [];
  if (!wrong) return;
  throw new Error(
    `${wrong.replaceAll(sep, '/')} has no compiled code for Lambda's linux and ${architecture}, because its installation ` +
      'compiles it for this machine: use a package with prebuilt code, or put it in a layer and list it in bundling.external',
  );
}

/** Returns the machine in the header of a Linux library; undefined for a library of another system. */
function machineOf(path: string): number | undefined {
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, header);
  } finally {
    closeSync(file);
  }
  return header.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))
    ? header.readUInt16LE(18)
    : undefined;
}
