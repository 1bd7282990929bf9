import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import type { FunctionConfiguration } from '../aws/lambda/configuration.ts';
import type { BundleMetadata } from './bundles.ts';
import { Reload, type ReloadOptions, type ReloadReport } from './reload.ts';

const kitProgram = fileURLToPath(new URL('../../../infra/bundling/rebundle.ts', import.meta.url));

let reload: Reload | undefined;
afterEach(async () => {
  await reload?.close();
  reload = undefined;
});

/** A project with a bot, and what a reload does with it. */
async function project(
  files: Readonly<Record<string, string>>,
  changes: Partial<ReloadOptions> = {},
  program = kitProgram,
) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'project-')));
  const save = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  save('infra/app.ts', '');
  utimesSync(join(directory, 'infra/app.ts'), 1, 1);
  for (const [path, text] of Object.entries(files)) save(path, text);
  const entry = join(directory, 'functions/bot.ts');
  const bundle: BundleMetadata = { program, entry, bundling: {}, sources: [entry] };
  const reports: ReloadReport[] = [];
  let reported = () => {};
  const update = vi.fn<(configuration: FunctionConfiguration) => void>();
  const configuration = { name: 'bot', timeout: 10 } as FunctionConfiguration;
  let folders = 0;
  reload = await Reload.start({
    project: directory,
    bundles: new Map([['Kit/Bot', bundle]]),
    lambda: { configurationAt: () => configuration, update },
    folder: () => join(directory, 'bundles', String(++folders)),
    redeploy: async () => undefined,
    now: () => 0,
    report(report) {
      reports.push(report);
      reported();
    },
    ...changes,
  });
  /** Saves a file; resolves with the next report. */
  const saved = async (path: string, text: string): Promise<ReloadReport | undefined> => {
    const next = new Promise<void>((resolve) => {
      reported = resolve;
    });
    save(path, text);
    await next;
    return reports.at(-1);
  };
  /** Returns what the code prints that the function has now. */
  const printed = () => {
    const code = update.mock.lastCall?.[0].codeDirectory ?? '';
    return execFileSync(process.execPath, [join(code, 'index.mjs')], { encoding: 'utf8' }).trim();
  };
  return { saved, save, reports, update, printed, bundle };
}

const bot = (text: string) => `console.log(${JSON.stringify(text)});\nexport const handler = 1;\n`;
const reloaded = { kind: 'reloaded', durationMs: 0, warnings: '' };

it('gives a function its new code when one of its sources is saved', async () => {
  const { saved, update, printed } = await project({ 'functions/bot.ts': bot('old') });
  expect(await saved('functions/bot.ts', bot('new'))).toEqual({ ...reloaded, file: 'bot.ts' });
  expect(printed()).toBe('new');
  expect(update.mock.calls).toMatchObject([[{ name: 'bot', timeout: 10 }]]);
});

it('follows the imports of the new code, those of texts included', async () => {
  const { saved, printed } = await project({
    'functions/bot.ts': bot('old'),
    'texts/hello.md': 'hello',
  });
  await saved(
    'functions/bot.ts',
    `import text from '../texts/hello.md';\n${bot('').replace('""', 'text')}`,
  );
  expect(printed()).toBe('hello');
  expect(await saved('texts/hello.md', 'hi')).toEqual({ ...reloaded, file: 'hello.md' });
  expect(printed()).toBe('hi');
});

it('keeps the old code while the new one cannot be built, and says why', async () => {
  const { saved, update, printed } = await project({ 'functions/bot.ts': bot('old') });
  const failed = await saved('functions/bot.ts', 'export const handler = ;');
  expect(failed).toMatchObject({ kind: 'failed', file: 'bot.ts' });
  expect(failed?.kind === 'failed' && failed.error).toContain('Unexpected ";"');
  expect(update).not.toHaveBeenCalled();
  await saved('functions/bot.ts', bot('fixed'));
  expect(printed()).toBe('fixed');
});

it('says so when the new code exports no handler', async () => {
  const { saved, update } = await project({ 'functions/bot.ts': bot('old') });
  const failed = await saved('functions/bot.ts', 'export const other = 1;');
  expect(failed?.kind === 'failed' && failed.error).toContain('must export `handler`');
  expect(update).not.toHaveBeenCalled();
});

it('builds again when a file appears that was missing', async () => {
  const { saved, printed } = await project({ 'functions/bot.ts': bot('old') });
  const importing = `import { text } from './text.ts';\n${bot('').replace('""', 'text')}`;
  expect(await saved('functions/bot.ts', importing)).toMatchObject({ kind: 'failed' });
  await saved('functions/text.ts', "export const text = 'found';");
  expect(printed()).toBe('found');
});

it('reloads what was saved before it started to watch', async () => {
  const { reports, printed } = await project({ 'functions/bot.ts': bot('new') }, { since: 10_000 });
  await reload?.settled();
  expect(reports).toEqual([{ ...reloaded, file: 'bot.ts' }]);
  expect(printed()).toBe('new');
});

it('leaves alone a function that does not use the file', async () => {
  const { save, saved, reports } = await project({
    'functions/bot.ts': bot('old'),
    'functions/other.ts': '',
  });
  save('functions/other.ts', '// changed');
  await saved('functions/bot.ts', bot('new'));
  expect(reports).toEqual([{ ...reloaded, file: 'bot.ts' }]);
});

it('deploys again when the app is saved, and then knows its new functions', async () => {
  const redeploy = vi.fn<ReloadOptions['redeploy']>(async () => undefined);
  const { saved, save, bundle, printed } = await project(
    { 'functions/bot.ts': bot('old') },
    { redeploy },
  );
  const second = { ...bundle, entry: bundle.entry.replace('bot.ts', 'second.ts') };
  redeploy.mockResolvedValue(new Map([['Kit/Second', { ...second, sources: [second.entry] }]]));
  save('functions/second.ts', bot('second'));
  expect(await saved('infra/app.ts', '// changed')).toEqual({
    kind: 'redeploying',
    file: 'app.ts',
  });
  await reload?.settled();
  expect(redeploy).toHaveBeenCalledTimes(1);
  await saved('functions/second.ts', bot('changed'));
  expect(printed()).toBe('changed');
});

it('reports why the bundler has ended, and starts it again for the next change', async () => {
  const program = join(mkdtempSync(join(tmpdir(), 'program-')), 'bundler.ts');
  writeFileSync(program, "throw new Error('no bundler here');");
  const { saved, reports } = await project({ 'functions/bot.ts': bot('old') }, {}, program);
  await saved('functions/bot.ts', bot('new'));
  await saved('functions/bot.ts', bot('newer'));
  expect(reports).toEqual(
    Array(2).fill({
      kind: 'failed',
      file: 'bot.ts',
      error: expect.stringContaining('no bundler here'),
    }),
  );
});
