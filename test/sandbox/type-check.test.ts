import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { gone } from './aws/fixtures.ts';
import { checkTypes } from './type-check.ts';

const { signal } = new AbortController();
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

const TSCONFIG = '{ "compilerOptions": { "lib": ["es5"], "types": [] }, "include": ["*.ts"] }';

function projectWith(files: Record<string, string>): string {
  const project = mkdtempSync(join(tmpdir(), 'project-'));
  for (const [path, text] of Object.entries({ 'tsconfig.json': TSCONFIG, ...files })) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return project;
}

function installTypeScript(project: string): void {
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(typescript, join(project, 'node_modules/typescript'), 'junction');
}

/** Returns the files of a `typescript` package whose compiler is this program. */
function compiler(source: string): Record<string, string> {
  return {
    'node_modules/typescript/package.json': '{ "bin": { "tsc": "bin/tsc.cjs" } }',
    'node_modules/typescript/bin/tsc.cjs': source,
  };
}

it('returns each error with its place, without the details', async () => {
  const project = projectWith({
    'bot.ts':
      'export const text: string = 42;\nexport const f: (a: string) => void = (a: number) => a;',
  });
  installTypeScript(project);
  expect(await checkTypes({ project, signal })).toEqual([
    { place: 'bot.ts:1:14', message: "Type 'number' is not assignable to type 'string'." },
    {
      place: 'bot.ts:2:14',
      message: "Type '(a: number) => number' is not assignable to type '(a: string) => void'.",
    },
  ]);
});

it('returns an error of the configuration without a place', async () => {
  const project = projectWith({});
  installTypeScript(project);
  expect(await checkTypes({ project, signal })).toEqual([
    { place: undefined, message: expect.stringContaining('No inputs were found') },
  ]);
});

it('reports the errors of unchanged files again when it reuses the last check', async () => {
  const project = projectWith({ 'bot.ts': 'export const text: string = 42;' });
  installTypeScript(project);
  const cache = join(project, 'types.tsbuildinfo');
  const first = await checkTypes({ project, signal, cache });
  expect(first).toHaveLength(1);
  expect(await checkTypes({ project, signal, cache })).toEqual(first);
});

it('finds nothing when the compiler is not installed', async () => {
  const project = projectWith({ 'bot.ts': 'export const text: string = 42;' });
  expect(await checkTypes({ project, signal })).toEqual([]);
});

it('finds nothing when the compiler crashes', async () => {
  const project = projectWith(compiler("throw new Error('no platform package')"));
  expect(await checkTypes({ project, signal })).toEqual([]);
});

it.skipIf(process.platform === 'win32')(
  'ends the compiler and the process that it started when it is aborted',
  async () => {
    const project = projectWith(
      compiler(`
        const { spawn } = require('node:child_process');
        const { writeFileSync } = require('node:fs');
        const started = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
        console.log('bot.ts(1,1): error TS1: half of the output');
        writeFileSync('pids', process.pid + ' ' + started.pid + ' .');
        setInterval(() => {}, 1000);`),
    );
    const ending = new AbortController();
    const watched: string[] = [];
    const watchdog = {
      watch: (pid: number) => watched.push(`+${pid}`),
      forget: (pid: number) => watched.push(`-${pid}`),
    };
    const faults = checkTypes({ project, signal: ending.signal, watchdog });
    const pids = () => readIfThere(join(project, 'pids')).split(' ');
    await expect.poll(pids, { timeout: 60_000 }).toContain('.');
    ending.abort();
    expect(await faults).toEqual([]);
    const [own, started] = pids();
    await gone(Number(own));
    await gone(Number(started));
    expect(watched).toEqual([`+${own}`, `-${own}`]);
  },
);

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
