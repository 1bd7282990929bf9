import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TYPE_ERROR = 'export const text: string = 42;\n';
const require = createRequire(import.meta.url);

/** Runs the guard in a project with these sources. */
function guard(sources: Record<string, string>, { hasCompiler = true } = {}) {
  const project = mkdtempSync(join(tmpdir(), 'project-'));
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "lib": ["es5"], "types": [] } }',
    ...sources,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  if (hasCompiler) {
    mkdirSync(join(project, 'node_modules'));
    const compiler = dirname(require.resolve('typescript/package.json'));
    symlinkSync(compiler, join(project, 'node_modules/typescript'), 'junction');
  }
  const script = fileURLToPath(new URL('../../../infra/commands/type-guard.ts', import.meta.url));
  return spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
    cwd: project,
    encoding: 'utf8',
  });
}

describe('the guard in front of a deploy', () => {
  it('refuses type errors, shows them and names the way out', () => {
    const { status, stderr } = guard({
      'functions/bot.ts': TYPE_ERROR,
      'infra/app.ts': 'export const f: (a: string) => void = (a: number) => a;',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('functions/bot.ts(1,14): error TS2322');
    expect(stderr).toMatch(/infra\/app\.ts\(1,14\): error TS2322: .*\n {2}\S/);
    expect(stderr).toContain('`npx cdk deploy` deploys without checking types');
  });

  it('lets type errors of the tests through, because they are not deployed', () => {
    const sources = { 'test/bot.test.ts': TYPE_ERROR, 'functions/bot.ts': 'export {};' };
    expect(guard(sources)).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = guard({ ...sources, 'functions/bot.ts': TYPE_ERROR });
    expect(status).toBe(1);
    expect(stderr).not.toContain('test/bot.test.ts');
  });

  it('lets a project without a compiler through', () => {
    expect(guard({ 'functions/bot.ts': TYPE_ERROR }, { hasCompiler: false })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});

it('is in front of a deploy alone, because nothing may keep a destroy from running', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const guarded = Object.keys(scripts).filter((name) => scripts[name].includes('type-guard'));
  expect(guarded).toEqual(['deploy']);
});
