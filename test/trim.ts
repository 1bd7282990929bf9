/**
 * `npm run trim`: removes from a copy of the kit what only proves the kit, with its scripts and dev
 * dependencies. `npm start`, the end-to-end tests and the tests of your bot remain.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const REMOVED = [
  'test/benchmarks',
  'test/bots/frameworks',
  'test/bots/repeats-everywhere.ts',
  'test/bots/sells-tea.ts',
  'test/bots/shows-everything.ts',
  'test/browser',
  'test/end-to-end/frameworks-app.ts',
  'test/end-to-end/frameworks.test.ts',
  'test/faults',
  'test/functions',
  'test/infra',
  'test/load',
  'test/recipes',
  'test/repository',
  // Used only by the sandbox's own tests.
  'test/sandbox/aws/fixtures.ts',
  'test/sandbox/aws/on-clock.ts',
  'test/sandbox/cloudformation/fakes.ts',
  'test/sandbox/live/fixtures.ts',
  'test/sandbox/page/fixtures.ts',
  'test/sandbox/telegram/fixtures.ts',
  'test/sandbox/telegram/payment-refusals.ts',
  'test/sandbox/telegram/profile-refusals.ts',
  'test/sandbox/telegram/refusal-table.ts',
  'test/sandbox/terminal/fixtures.ts',
  'test/trim.ts',
];
const SCRIPTS = [
  'test:unit',
  'test:faults',
  'test:sequences',
  'test:interleavings',
  'test:false-alarms',
  'test:load',
  'faults:table',
  'dark:table',
  'screenshots',
  'bench',
  'trim',
];
/** Used only by what is removed; those that the copy has begun to use stay. */
const DEV_DEPENDENCIES = [
  '@grammyjs/i18n',
  '@smithy/signature-v4',
  'axe-core',
  'cdk-nag',
  'dayjs',
  'fast-check',
  'grammy',
  'isomorphic-fetch',
  'playwright-core',
  'telegraf',
];

function refuseUncommitted(): void {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root });
  if (status !== 0 || stdout.length === 0) return;
  console.error('There are uncommitted changes. Commit them first, so that git can undo the trim.');
  process.exit(1);
}

/** The sandbox's own tests, which stand beside what they test. */
function sandboxTests(): string[] {
  return readdirSync(join(root, 'test/sandbox'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test/sandbox', path));
}

/** The tests that need a browser, with what they share. */
function browserTests(): string[] {
  return readdirSync(join(root, 'test/end-to-end'))
    .filter((name) => name.startsWith('page-'))
    .map((name) => join('test/end-to-end', name));
}

/** Whether a file of the copy imports a package. */
function isImported(name: string): boolean {
  const specifier = new RegExp(`['"]${name}(/[^'"]*)?['"]`);
  return ['functions', 'infra', 'test'].some((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
      .some((path) => specifier.test(readFileSync(join(root, folder, path), 'utf8'))),
  );
}

refuseUncommitted();
for (const path of [...REMOVED, ...sandboxTests(), ...browserTests()]) {
  console.log(`removing ${path}`);
  rmSync(join(root, path), { recursive: true, force: true });
}
const file = new URL('../package.json', import.meta.url);
const manifest = JSON.parse(readFileSync(file, 'utf8'));
for (const name of SCRIPTS) delete manifest.scripts[name];
writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
const unused = DEV_DEPENDENCIES.filter(
  (name) => name in manifest.devDependencies && !isImported(name),
);
console.log(`removing ${unused.join(', ')}`);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
execFileSync(npm, ['uninstall', '--save-dev', '--no-audit', '--no-fund', ...unused], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
console.log('Done. `npm test` runs the rest; `git status` shows what changed.');
