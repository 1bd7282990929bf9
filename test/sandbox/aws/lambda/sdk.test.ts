import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { linkAwsSdk } from './sdk.ts';

/** Writes packages, each exporting the path of its own folder in the project. */
function projectWith(...packages: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'project-'));
  for (const path of packages) write(join(root, path, 'index.js'), `module.exports = '${path}';`);
  return root;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Links the SDK as a source file finds it, and returns what the packages export to a function. */
function linked(source: string): Record<string, unknown> {
  const modules = join(mkdtempSync(join(tmpdir(), 'runtime-')), 'node_modules');
  linkAwsSdk(modules, source);
  const require = createRequire(join(modules, 'function.js'));
  const names = readdirSync(join(modules, '@aws-sdk')).sort();
  return Object.fromEntries(names.map((name) => [name, require(`@aws-sdk/${name}`)]));
}

it('finds the packages that a workspace has hoisted to its root', () => {
  const root = projectWith('node_modules/@aws-sdk/client-lambda');
  expect(linked(join(root, 'packages/bot/test/sandbox/lambda.ts'))).toEqual({
    'client-lambda': 'node_modules/@aws-sdk/client-lambda',
  });
});

it('prefers the nearest of two versions, and still finds the others in the root', () => {
  const near = 'packages/bot/node_modules/@aws-sdk/client-lambda';
  const root = projectWith(
    near,
    'node_modules/@aws-sdk/client-lambda',
    'node_modules/@aws-sdk/client-sfn',
  );
  expect(linked(join(root, 'packages/bot/test/sandbox/lambda.ts'))).toEqual({
    'client-lambda': near,
    'client-sfn': 'node_modules/@aws-sdk/client-sfn',
  });
});

it('finds the dependencies of a package that pnpm has linked from its store', () => {
  const store = 'node_modules/.pnpm/client-lambda@3/node_modules/@aws-sdk';
  const root = projectWith(`${store}/core`);
  write(join(root, store, 'client-lambda/index.js'), "exports.core = require('@aws-sdk/core');");
  mkdirSync(join(root, 'node_modules/@aws-sdk'));
  symlinkSync(
    join(root, store, 'client-lambda'),
    join(root, 'node_modules/@aws-sdk/client-lambda'),
    'junction',
  );
  expect(linked(join(root, 'test/sandbox/lambda.ts'))).toEqual({
    'client-lambda': { core: `${store}/core` },
  });
});

it('links nothing when the SDK is not installed', () => {
  expect(linked(join(projectWith(), 'lambda.ts'))).toEqual({});
});
