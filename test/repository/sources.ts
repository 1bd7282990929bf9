import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The kit's folders. The files beside them (`functions/bot.ts`, `infra/app.ts`) belong to the user. */
const KIT_FOLDERS = [
  ...['aws', 'bot-token', 'inbound', 'ingress', 'receiver', 'registrar', 'runtime', 'telegram'].map(
    (room) => `functions/${room}`,
  ),
  ...['constructs', 'settings', 'bundling', 'commands'].map((room) => `infra/${room}`),
  ...[
    'bots',
    'browser',
    'functions',
    'infra',
    'end-to-end',
    'faults',
    'load',
    'benchmarks',
    'sandbox',
  ].map((room) => `test/${room}`),
];

export interface SourceFile {
  /** Path from the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Reads a file of the project. */
export function read(path: string): SourceFile {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** Reads the kit's TypeScript files. */
export function kitSources(): SourceFile[] {
  return [...KIT_FOLDERS.flatMap(filesBelow), 'functions/contract.ts', 'infra/context.ts']
    .filter((path) => /\.tsx?$/.test(path))
    .map(read);
}

/** Reads the kit's documents, and the README unless the user has replaced it. */
export function kitDocuments(): SourceFile[] {
  const readme = read('README.md');
  const isKits = readme.text.startsWith('# telegram-webhook-kit\n');
  const others = [...KIT_FOLDERS, '.github'].flatMap(filesBelow);
  return [
    ...(isKits ? [readme] : []),
    ...[...others, 'infra/README.md', 'test/README.md']
      .filter((path) => path.endsWith('.md'))
      .map(read),
  ];
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .filter((path) => !path.includes('/node_modules/'));
}
