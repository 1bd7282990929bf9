import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../../infra/bundling/bundle-in-synth.ts';
import type { BundlingSettings } from '../../../infra/settings/bundling.ts';
import {
  bundled,
  filesIn,
  linkInstalledPackages,
  runBot,
  runModule,
  writeProject,
} from './project.ts';

/** Bundles a project's `bot.ts`. @returns the code of its entry */
function codeOf(files: Readonly<Record<string, string>>, settings?: BundlingSettings): string {
  return readFileSync(
    join(bundled(join(writeProject(files), 'bot.ts'), settings), 'index.mjs'),
    'utf8',
  );
}

const printUndici =
  "console.log(process.moduleLoadList.filter((name) => name.includes('undici')).length);";

describe('a bundle that imports node:http', () => {
  it.each([true, false])('gets it in every form of import, with minify %s', (minify) => {
    const printed = runBot(
      {
        'old.cjs': "module.exports = require('http').request === require('node:http').request;",
        'all.ts': "export * from 'node:http';",
        'bot.ts': `
          import http, { Agent, request as send } from 'http';
          import * as all from 'node:http';
          import * as again from './all.ts';
          import old from './old.cjs';
          const { request } = process.getBuiltinModule('node:http');
          const lazy = await import('node:http');
          const found = [http.request, send, all.request, all.default.request, again.request, lazy.request];
          console.log(found.every((one) => one === request), new Agent() instanceof http.Agent, old);
        `,
      },
      { minify },
    );
    expect(printed).toBe('true true true');
  });

  it.each([
    ['its own code', "import http from 'node:http';\nhttp.request;"],
    ['node-fetch', "import fetch from 'node-fetch';\nfetch.name;"],
    ['grammY', "import { Bot } from 'grammy';\nnew Bot('1:a');"],
    ['Telegraf', "import { Telegraf } from 'telegraf';\nnew Telegraf('1:a');"],
  ])('does not load undici, which an import in Node 24 does: %s', (_, code) => {
    const project = writeProject({ 'bot.ts': `${code}\n${printUndici}` });
    linkInstalledPackages(project);
    const bot = join(project, 'bot.ts');
    expect(runModule(join(bundled(bot), 'index.mjs'))).toBe('0');
    // Older versions of Node load no undici in any case.
    const imports = Object.values(bundle(bot).metafile.outputs).flatMap((output) => output.imports);
    const http = imports.filter(({ path }) => /^(node:)?http$/.test(path));
    expect(http.filter(({ kind }) => kind === 'import-statement')).toEqual([]);
  });

  it('is made of files that exist', () => {
    const bot = join(writeProject({ 'bot.ts': "import 'node:http';" }), 'bot.ts');
    expect(bundle(bot).sources).toEqual([bot]);
    expect(existsSync(bot)).toBe(true);
  });
});

describe('the code of a bundle', () => {
  it('defines require only if something calls it', () => {
    const bot = { 'bot.ts': "import old from './old.cjs';\nconsole.log(old);" };
    for (const minify of [true, false]) {
      const without = codeOf({ ...bot, 'old.cjs': 'module.exports = 1;' }, { minify });
      expect(without).not.toContain('createRequire');
      const withIt = codeOf({ ...bot, 'old.cjs': "module.exports = require('net');" }, { minify });
      expect(withIt).toContain('createRequire');
    }
  });

  it.each(["require('node:net').isIP('::1')", "[require][0]('node:net').isIP('::1')"])(
    'may call %s in an ES module',
    (call) => {
      expect(runBot({ 'bot.ts': `export const handler = 1;\nconsole.log(${call});` })).toBe('6');
    },
  );

  it('keeps the names of classes and functions', () => {
    const printed = runBot({
      'bot.ts': `
        class OutOfTeaError extends Error {}
        function brew() { throw new OutOfTeaError(); }
        const pour = () => brew();
        try { pour(); } catch (error) { console.log(error.constructor.name, brew.name, pour.name); }
      `,
    });
    expect(printed).toBe('OutOfTeaError brew pour');
  });

  it.each([true, false])(
    'keeps those of packages that must be renamed, with minify %s',
    (minify) => {
      const printed = runBot(
        {
          'node_modules/signals/package.json': '{ "type": "module", "main": "index.js" }',
          'node_modules/signals/index.js':
            'class AbortSignal {}\nexport const name = () => new AbortSignal().constructor.name;',
          'bot.ts': "import { name } from 'signals';\nconsole.log(typeof AbortSignal.any, name());",
        },
        { minify },
      );
      expect(printed).toBe('function AbortSignal');
    },
  );

  it('has no code of a lazy import that a constant rules out, and then is one file', () => {
    const bot = writeProject({
      'shared.ts': "export const shared = 'shared';",
      'lazy.ts':
        "import { shared } from './shared.ts';\nexport const text = ['lazy', shared].join(' ');",
      'bot.ts': `
        import { shared } from './shared.ts';
        if (process.env.UPDATE_DELIVERY === 'queued') await import('./lazy.ts');
        export async function handler(event: unknown) {
          if (process.env.UPDATE_DELIVERY !== 'direct' && Array.isArray(event)) {
            return (await import('./lazy.ts')).text;
          }
          return shared;
        }
        console.log(await handler([]));
      `,
    });
    for (const minify of [true, false]) {
      const build = (delivery: string) => {
        const define = { 'process.env.UPDATE_DELIVERY': JSON.stringify(delivery) };
        return bundled(join(bot, 'bot.ts'), { define, minify });
      };
      expect(filesIn(build('direct'))).toEqual(['index.mjs', 'index.mjs.map']);
      expect(runModule(join(build('direct'), 'index.mjs'))).toBe('shared');
      expect(runModule(join(build('queued'), 'index.mjs'))).toBe('lazy shared');
    }
  });
});
