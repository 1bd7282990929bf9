import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explainKeptFlags } from '../../../infra/commands/npm-guard.ts';

const environment = (script: string, flags: Record<string, string>) => ({
  npm_lifecycle_event: script,
  npm_config_cache: '/home/ada/.npm',
  ...flags,
});

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Options that npm has too, and often gets from its own settings. */
const NPMS_OWN = ['help', 'verbose', 'yes'];

/** Returns the paths of the scripts' files with options that npm might keep. */
function commandFiles(): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => ['infra', 'test'].includes(name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(name, file),
      ),
    )
    .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.includes('node_modules'))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes('parseArgs'));
}

describe('explainKeptFlags', () => {
  it.each<[string, Record<string, string>, string[], string]>([
    ['start', { npm_config_call: 'stage=prod' }, [], 'npm start -- -c stage=prod'],
    ['destroy', { npm_config_call: 'stage=prod' }, [], 'npm run destroy -- -c stage=prod'],
    ['deploy', { npm_config_stage: 'prod' }, [], 'npm run deploy -- -c stage=prod'],
    ['diff', { npm_config_stage: 'true' }, [], 'npm run diff -- -c stage=…'],
    ['start', { npm_config_delivery: 'true' }, ['queued'], 'npm start -- --delivery queued'],
    [
      'dead-letters',
      { npm_config_stage: 'true' },
      ['prod'],
      'npm run dead-letters -- --stage prod',
    ],
    ['dead-letters', { npm_config_purge: 'true' }, [], 'npm run dead-letters -- --purge'],
    ['deploy', { npm_config_json: 'true' }, [], 'npm run deploy -- --json'],
    ['deploy', { npm_config_rollback: '' }, [], 'npm run deploy -- --no-rollback'],
    ['test:sequences', { npm_config_count: '9' }, [], 'npm run test:sequences -- --count 9'],
    ['start', { npm_config_live: 'true' }, ['x'], 'npm start -- --live'],
  ])('gives npm run %s with %j and %j the command %s', (script, flags, positional, command) => {
    const explanation = explainKeptFlags(environment(script, flags), positional);
    expect(explanation?.split('\n  ')[1]).toBe(command);
  });

  it.each(commandFiles())('knows every option of %s', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    const options = [...source.matchAll(/^\s+'?([a-z-]+)'?: \{ type: '(string|boolean)'/gm)];
    const unknown = options.filter(([, name = '', type]) => {
      const flags = { [`npm_config_${name.replaceAll('-', '_')}`]: 'true' };
      const value = type === 'string' ? ' [^ ]+' : '';
      const flag = new RegExp(` -- (--${name}|-c)${value}$`);
      return !flag.test(explainKeptFlags(environment('start', flags)) ?? '');
    });
    expect(
      unknown.map(([, name]) => name).filter((name) => !NPMS_OWN.includes(name ?? '')),
    ).toEqual([]);
  });

  it('lets a command without kept flags through', () => {
    expect(explainKeptFlags(environment('deploy', {}))).toBeUndefined();
    expect(explainKeptFlags(environment('deploy', { npm_config_json: '' }))).toBeUndefined();
  });

  it('lets a command through that npm has not started', () => {
    expect(explainKeptFlags({ npm_config_call: 'stage=prod' })).toBeUndefined();
  });
});

describe('npm', () => {
  // A shell finds npm.cmd on Windows. The variables of an `npm test` around this one must not count.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
  );
  const npm = (args: string) =>
    spawnSync(`npm ${args}`, { cwd: root, env, shell: true, encoding: 'utf8' });

  it.each([
    ['run destroy -c stage=prod', 'npm run destroy -- -c stage=prod'],
    ['start -c stage=prod', 'npm start -- -c stage=prod'],
    ['run dead-letters --purge', 'npm run dead-letters -- --purge'],
  ])('stops before the command of npm %s', (args, command) => {
    const { status, stdout, stderr } = npm(args);
    expect(stderr).toContain(command);
    expect(status).toBe(1);
    expect(stdout).not.toMatch(/Synthesizing|Destroying|dead letters/);
  });

  it('passes flags behind -- to the command', () => {
    const { stdout } = npm('run --silent dead-letters -- --help');
    expect(stdout).toContain('--redrive');
  });
});
