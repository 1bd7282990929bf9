import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TYPE_ERROR = 'export const text: string = 42;\n';
const CDK = `console.log('cdk', ...process.argv.slice(2)); process.exitCode = Number(process.env.CDK_EXIT_CODE ?? 0);`;
const require = createRequire(import.meta.url);

/** Runs what `npm run deploy` runs in a project with these sources, without AWS credentials, and with a CDK of its own. */
function deploy(
  sources: Record<string, string>,
  {
    args = [],
    hasCompiler = true,
    env = {},
  }: { args?: string[]; hasCompiler?: boolean; env?: NodeJS.ProcessEnv } = {},
) {
  const project = mkdtempSync(join(tmpdir(), 'project-'));
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "lib": ["es5"], "types": [] } }',
    'node_modules/aws-cdk/package.json': '{ "bin": { "cdk": "cdk.cjs" } }',
    'node_modules/aws-cdk/cdk.cjs': CDK,
    ...sources,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  if (hasCompiler) {
    const compiler = dirname(require.resolve('typescript/package.json'));
    symlinkSync(compiler, join(project, 'node_modules/typescript'), 'junction');
  }
  const script = fileURLToPath(new URL('../../../infra/commands/deploy.ts', import.meta.url));
  const command = ['--import', import.meta.resolve('tsx'), script, ...args];
  return spawnSync(process.execPath, command, {
    cwd: project,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: project,
      USERPROFILE: project,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
  });
}

describe('npm run deploy', () => {
  it('refuses type errors, shows them and names the way out', () => {
    const { status, stdout, stderr } = deploy({
      'functions/bot.ts': TYPE_ERROR,
      'infra/app.ts': 'export const f: (a: string) => void = (a: number) => a;',
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('functions/bot.ts(1,14): error TS2322');
    expect(stderr).toMatch(/infra\/app\.ts\(1,14\): error TS2322: .*\n {2}\S/);
    expect(stderr).toContain('`npx cdk deploy` deploys without checking types');
  });

  it('lets type errors of the tests through, because they are not deployed', () => {
    const sources = { 'test/bot.test.ts': TYPE_ERROR, 'functions/bot.ts': 'export {};' };
    const args = ['-c', 'stage=prod', '--all'];
    expect(deploy(sources, { args })).toMatchObject({
      status: 0,
      stdout: 'cdk deploy -c stage=prod --all\n',
      stderr: '',
    });
    const { status, stderr } = deploy({ ...sources, 'functions/bot.ts': TYPE_ERROR });
    expect(status).toBe(1);
    expect(stderr).not.toContain('test/bot.test.ts');
  });

  it('deploys a project without a compiler', () => {
    expect(deploy({ 'functions/bot.ts': TYPE_ERROR }, { hasCompiler: false })).toMatchObject({
      status: 0,
      stdout: 'cdk deploy\n',
      stderr: '',
    });
  });
});

describe('npm run deploy that fails', () => {
  const failing = { CDK_EXIT_CODE: '3' };
  const sources = { 'functions/bot.ts': 'export {};' };

  it.each([
    [[], 'choose a profile with --profile'],
    [['--all', '--profile', 'work'], 'The AWS profile is work: '],
    [['--profile=work'], 'The AWS profile is work: '],
  ])('says how to sign in without AWS credentials: %j', (args, advice) => {
    const { status, stderr } = deploy(sources, { args, env: failing });
    expect(status).toBe(3);
    expect(stderr).toContain(advice);
  });

  it('leaves the explanation to the CDK with AWS credentials', () => {
    const env = { ...failing, AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect(deploy(sources, { env })).toMatchObject({ status: 3, stderr: '' });
  });
});

it('checks types in front of a deploy alone, because nothing may keep a destroy from running', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(scripts.destroy).toMatch(/&& cdk destroy$/);
  expect(scripts.deploy).toMatch(/ infra\/commands\/deploy\.ts$/);
});
