import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it, vi } from 'vitest';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';
import { TelegramBotStack } from '../../../infra/telegram-bot-stack.ts';

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
