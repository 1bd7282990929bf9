/**
 * `npm run cold-start`: what the bundles cost a cold start, from the import of the entry to its first
 * answer, in a fresh Node process each. Prints medians in milliseconds.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Environment } from '../../functions/contract.ts';
import { bundle } from '../../infra/constructs/bundle.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const runs = 31;
const secret = 'cold-start-benchmark';

const request = {
  headers: { 'x-telegram-bot-api-secret-token': secret },
  body: JSON.stringify({
    update_id: 1,
    message: { message_id: 1, date: 0, chat: { id: 1, type: 'private' }, text: 'hello' },
  }),
  isBase64Encoded: false,
};

const answered = `async () => ({ statusCode: 200 })`;

/** The handlers to measure, as source files beside one another. */
const handlers = {
  'an empty handler': `export const handler = ${answered};`,
  'functions/bot.ts': `export { handler } from '${projectRoot}functions/bot.ts';`,
  'an empty handler that imports the AWS SDK': `
    import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    export const client = new SecretsManagerClient({ region: 'us-east-1' });
    export const handler = ${answered};`,
};

/** Runs in the measured process. */
const probe = (entry: string) => `
  const start = performance.now();
  const { handler } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const answer = await handler(${JSON.stringify(request)});
  const end = performance.now();
  if (answer.statusCode !== 200) throw new Error('status ' + answer.statusCode);
  process.stdout.write(String(end - start));
`;

function measure(entry: string): number {
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', probe(entry)], {
    env: { [Environment.webhookSecretSha256]: createHash('sha256').update(secret).digest('hex') },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return Number(printed);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function kilobytes(directory: string): string {
  const sizes = readdirSync(directory).map((name) => ({
    name,
    size: statSync(join(directory, name)).size,
  }));
  const entry = sizes.find(({ name }) => name === 'index.mjs')?.size ?? 0;
  const lazy = sizes.reduce((sum, { size }) => sum + size, 0) - entry;
  return `${(entry / 1024).toFixed(1)} kB${lazy ? `, ${(lazy / 1024).toFixed(0)} kB more on demand` : ''}`;
}

// Below the project's root, so that the sources find its node_modules.
const cache = join(projectRoot, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const sources = mkdtempSync(join(cache, 'cold-start-'));
const bundles = mkdtempSync(join(tmpdir(), 'cold-start-'));
try {
  const entries = Object.entries(handlers).map(([name, source], index) => {
    const file = join(sources, `${index}.ts`);
    writeFileSync(file, source);
    const directory = join(bundles, String(index));
    bundle(relative(projectRoot, file), directory);
    return { name, directory, entry: join(directory, 'index.mjs'), times: [] as number[] };
  });
  // Interleaved, so that a busy moment of the machine hits all alike.
  for (let run = 0; run < runs; run++) {
    for (const { entry, times } of entries) times.push(measure(entry));
  }
  console.log(`Load and first answer, median of ${runs} on Node ${process.version}:`);
  for (const { name, directory, times } of entries) {
    console.log(`${median(times).toFixed(1).padStart(7)} ms  ${name} (${kilobytes(directory)})`);
  }
} finally {
  rmSync(sources, { recursive: true });
  rmSync(bundles, { recursive: true });
}
