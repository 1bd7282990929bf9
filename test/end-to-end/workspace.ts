import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kit = fileURLToPath(new URL('../..', import.meta.url));

const COPIED = [
  'cdk.json',
  'functions',
  'infra',
  'package.json',
  'test/bots',
  'test/chat',
  'test/end-to-end/start-app.ts',
  'test/harness.ts',
  'test/sandbox',
  'tsconfig.json',
];

/** Copies the kit to `packages/bot` of a workspace whose packages are all in its root. @returns that directory */
export function copyToWorkspace(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
  const project = join(root, 'packages/bot');
  mkdirSync(project, { recursive: true });
  for (const path of COPIED) {
    const filter = (file: string) => !file.endsWith('.test.ts');
    cpSync(join(kit, path), join(project, path), { recursive: true, filter });
  }
  const manifest = createRequire(import.meta.url).resolve('aws-cdk-lib/package.json');
  symlinkSync(dirname(dirname(manifest)), join(root, 'node_modules'), 'junction');
  return project;
}
