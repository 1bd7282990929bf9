/**
 * `npm run cold-start`: measures what each bundle adds to a cold start, from the import of the entry to
 * its first answer, in a fresh Node process each time. Prints medians in milliseconds.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Environment } from '../../functions/contract.ts';
import { bundle } from '../../infra/bundling/bundle-in-synth.ts';
import { coldStart } from '../functions/receiver/cold-start.ts';
import { FakeSqs } from './fake-sqs.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const runs = 31;
const secret = 'cold-start-benchmark';

const request = {
  version: '2.0',
  headers: { 'x-telegram-bot-api-secret-token': secret },
  body: JSON.stringify({
    update_id: 1,
    message: { message_id: 1, date: 0, chat: { id: 1, type: 'private' }, text: 'hello' },
  }),
  isBase64Encoded: false,
};

/** Returns the source of an ingress that differs from the real one only in how it sends. */
const ingress = (send: string) => `
  import { enqueueRequest } from '${projectRoot}functions/ingress/enqueue.ts';
  ${send}
  const { WEBHOOK_SECRET_SHA256: secretSha256, BOT_ID: botId } = process.env;
  export const handler = (event) => enqueueRequest(event, { secretSha256, botId, queue: { send }, log: console.error });
`;

const answered = `async () => ({ statusCode: 200 })`;

/** The handlers to measure, each as the text of a source file. */
const handlers = {
  'an empty handler': `export const handler = ${answered};`,
  'functions/bot.ts': `export { handler } from '${projectRoot}functions/bot.ts';`,
  'functions/ingress/index.ts, which signs its own request': `
    export { handler } from '${projectRoot}functions/ingress/index.ts';`,
  "the ingress with the AWS SDK's signer": ingress(`
    import { SignatureV4 } from '@smithy/signature-v4';
    import { hmac } from '@noble/hashes/hmac.js';
    import { sha256 } from '@noble/hashes/sha2.js';
    const { request } = process.getBuiltinModule('node:https');
    const bytes = (data) => typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data.buffer ?? data);
    class Sha256 {
      constructor(secret) { this.hash = secret ? hmac.create(sha256, bytes(secret)) : sha256.create(); }
      update(data) { this.hash.update(bytes(data)); }
      async digest() { return this.hash.digest(); }
    }
    const url = new URL(process.env.UPDATE_QUEUE_URL);
    const signer = new SignatureV4({
      service: 'sqs', region: 'us-east-1', sha256: Sha256, applyChecksum: false,
      credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY },
    });
    const send = async (message) => {
      const body = JSON.stringify({ QueueUrl: url.href, ...message });
      const headers = { host: url.host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };
      const signed = await signer.sign({ method: 'POST', protocol: 'https:', hostname: url.hostname, path: '/', query: {}, headers, body });
      await new Promise((resolve, reject) => {
        const sent = request({ host: url.hostname, port: url.port, method: 'POST', path: '/', headers: signed.headers }, (response) => {
          response.resume().on('end', () => response.statusCode === 200 ? resolve() : reject(new Error('refused')));
        });
        sent.on('error', reject).end(body);
      });
    };`),
  'the ingress with the SQS client of the AWS SDK': ingress(`
    import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
    const { UPDATE_QUEUE_URL: QueueUrl } = process.env;
    const client = new SQSClient({ endpoint: new URL(QueueUrl).origin });
    const send = (message) => client.send(new SendMessageCommand({ QueueUrl, ...message }));`),
  'an empty handler that imports the AWS SDK': `
    import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    export const client = new SecretsManagerClient({ region: 'us-east-1' });
    export const handler = ${answered};`,
};

/** Returns the script that runs in the measured process. */
const probe = (entry: string) => `
  const start = performance.now();
  const { handler } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const answer = await handler(${JSON.stringify(request)});
  const end = performance.now();
  if (answer.statusCode !== 200) throw new Error('status ' + answer.statusCode);
  process.stdout.write(String(end - start));
`;

async function measure(entry: string, sqs: FakeSqs): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', probe(entry)],
    {
      env: {
        [Environment.webhookSecretSha256]: createHash('sha256').update(secret).digest('hex'),
        [Environment.updateQueueUrl]: sqs.queueUrl,
        [Environment.botId]: '7000000001',
        NODE_EXTRA_CA_CERTS: sqs.certificateFile,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'FAKE',
        AWS_SECRET_ACCESS_KEY: 'FAKE',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
      encoding: 'utf8',
    },
  );
  return Number(stdout);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Describes how much a cold start parses, and how much is left in chunks that load on demand. */
function kilobytes(entry: string, directory: string): string {
  const { bytes } = coldStart(entry);
  const code = readdirSync(directory).filter((name) => name.endsWith('.mjs'));
  const all = code.map((name) => statSync(join(directory, name)).size);
  const lazy = all.reduce((sum, size) => sum + size, 0) - bytes;
  return `${(bytes / 1024).toFixed(1)} kB${lazy ? `, ${(lazy / 1024).toFixed(0)} kB more on demand` : ''}`;
}

// Below the project's root, so that the sources find its node_modules.
const cache = join(projectRoot, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const sources = mkdtempSync(join(cache, 'cold-start-'));
const bundles = mkdtempSync(join(tmpdir(), 'cold-start-'));
const sqs = await FakeSqs.open(bundles);
try {
  const entries = Object.entries(handlers).map(([name, text], index) => {
    const file = join(sources, `${index}.ts`);
    writeFileSync(file, text);
    const directory = join(bundles, String(index));
    const source = relative(projectRoot, file);
    bundle(source).write(directory);
    const size = kilobytes(source, directory);
    return { name, size, entry: join(directory, 'index.mjs'), times: [] as number[] };
  });
  // Interleaved, so that a busy moment of the machine affects all handlers alike.
  for (let run = 0; run < runs; run++) {
    for (const { entry, times } of entries) times.push(await measure(entry, sqs));
  }
  console.log(`Load and first answer, median of ${runs} on Node ${process.version}:`);
  for (const { name, size, times } of entries) {
    console.log(`${median(times).toFixed(1).padStart(7)} ms  ${name} (${size})`);
  }
} finally {
  await sqs.close();
  rmSync(sources, { recursive: true });
  rmSync(bundles, { recursive: true });
}
