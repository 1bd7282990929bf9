import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it, vi } from 'vitest';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';
import { TelegramBot } from '../../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../../infra/telegram-bot-stack.ts';
import { writeProject } from './project.ts';

function bundled(entry: string, build = bundle): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  build(entry).write(directory, 'arm64');
  return filesIn(directory);
}

function filesIn(directory: string): Map<string, string> {
  return new Map(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}

/** Returns the files that an entry reaches, by static and by dynamic imports. */
function reached(files: Map<string, string>, name = 'index.mjs', found = new Set<string>()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, chunk] of files.get(name)?.matchAll(/["'`]\.\/([\w-]+\.mjs)["'`]/g) ?? []) {
    reached(files, chunk, found);
  }
  return found;
}

describe.each(['test/bots/echo.ts', 'functions/registrar/index.ts'])(
  'the bundle of %s',
  (entry) => {
    it('contains only its entry and the chunks that the entry reaches', () => {
      const files = bundled(entry);
      const code = [...files.keys()].filter((name) => !name.endsWith('.map'));
      expect([...reached(files)].sort()).toEqual(code.sort());
    });

    it('is the same every time, so that an unchanged function keeps its hash', async () => {
      const first = bundled(entry);
      // A process builds an entry once: only a module that is loaded again builds it again.
      vi.resetModules();
      const again = await import('../../../infra/bundling/bundle-in-synth.ts');
      expect(again.bundle).not.toBe(bundle);
      expect(bundled(entry, again.bundle)).toEqual(first);
    });

    it('contains no path of this machine', () => {
      for (const text of bundled(entry).values()) expect(text).not.toContain(process.cwd());
    });
  },
);

describe('the bundles of a stack', () => {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'cdk.out-')) });
  new TelegramBotStack(app, 'Kit', {
    botTokenSecret: 'telegram/test/bot-token',
    bot: { entry: 'test/bots/echo.ts' },
  });
  const assembly = app.synth();
  const assets = readdirSync(assembly.directory)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => [...filesIn(join(assembly.directory, name)).values()].join('\n'));

  it('keeps the code of receiver, registrar and provider framework apart', () => {
    expect(assets).toHaveLength(3);
    const holding = (text: string) => assets.filter((code) => code.includes(text)).length;
    expect(holding('update.failed')).toBe(1);
    expect(holding('registrar.failed')).toBe(1);
  });

  it('puts nothing that looks like a bot token into a bundle or any other file of the assembly', () => {
    const documents = readdirSync(assembly.directory)
      .filter((name) => !name.startsWith('asset.'))
      .map((name) => readFileSync(join(assembly.directory, name), 'utf8'));
    expect(documents.length).toBeGreaterThan(3);
    for (const text of [...assets, ...documents]) {
      expect(text.match(/\d{6,}:[\w-]{30,}/)?.[0].length).toBeUndefined();
    }
  });
});

describe('the bundle of a bot', () => {
  const project = writeProject({
    'bot.ts': `
      declare const STAGE: string;
      export const handler = () =>
        process.env.UPDATE_DELIVERY === 'direct' ? \`directly in \${STAGE}\` : \`behind a queue in \${STAGE}\`;
    `,
  });
  const context = { 'telegram-webhook-kit:bundleForThisMachine': true };
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'cdk.out-')), context });
  const stack = new Stack(app, 'Kit');
  const settings = {
    entry: join(project, 'bot.ts'),
    bundling: { define: { STAGE: '"prod"' } },
    token: Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token'),
  };
  const second = Secret.fromSecretNameV2(stack, 'SecondToken', 'telegram/test/second-token');
  const bots = {
    direct: new TelegramBot(stack, 'Direct', settings),
    queued: new TelegramBot(stack, 'Queued', {
      ...settings,
      token: second,
      delivery: Delivery.queued(),
    }),
  };
  const { directory } = app.synth();
  const texts = readdirSync(directory)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => filesIn(join(directory, name)).get('index.mjs') ?? '');

  it('has the code for its own delivery alone', () => {
    const directly = texts.map((code) => code.includes('directly in prod'));
    const behind = texts.map((code) => code.includes('behind a queue in prod'));
    expect([directly.filter(Boolean), behind.filter(Boolean)]).toEqual([[true], [true]]);
    expect(directly.findIndex(Boolean)).not.toBe(behind.findIndex(Boolean));
  });

  it.each(['direct', 'queued'] as const)('is built again in the same way, %s', (delivery) => {
    const { data } =
      bots[delivery].bot.node.metadata.find(({ type }) => type === 'telegram-webhook-kit:bundle') ??
      {};
    const target = mkdtempSync(join(tmpdir(), 'bundle-'));
    bundle(data.entry, data.bundling).write(target);
    expect(texts).toContain(filesIn(target).get('index.mjs'));
  });
});
