import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundled, linkInstalledPackages, runModule, writeProject } from './project.ts';

/** Modules that call a package, by what they call. What they print must not depend on time or place. */
const CALLS: Readonly<Record<string, string>> = {
  grammy: `
    import { Bot, InlineKeyboard } from 'grammy';
    const botInfo = { id: 1, is_bot: true, first_name: 'Bot', username: 'a_bot' };
    const bot = new Bot('1:token', { botInfo });
    const seen = [];
    bot.command('start', (ctx) => seen.push(ctx.me.username, ctx.match));
    const chat = { id: 1, type: 'private' };
    const entities = [{ type: 'bot_command', offset: 0, length: 6 }];
    const message = { message_id: 1, date: 0, chat, text: '/start now', entities };
    await bot.handleUpdate({ update_id: 1, message });
    console.log(seen, JSON.stringify(new InlineKeyboard().text('a', 'b')));`,
  'grammy, which meets a server': `
    import { Api } from 'grammy';
    import { createServer } from 'node:http';
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, result: request.url }));
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    const api = new Api('1:token', { apiRoot: 'http://127.0.0.1:' + server.address().port });
    console.log(await api.getMe());
    server.close().closeAllConnections();`,
  '@grammyjs/i18n with its texts in code': `
    import { I18n } from '@grammyjs/i18n';
    const i18n = new I18n({ defaultLocale: 'en' });
    i18n.loadLocaleSync('en', { source: 'hello = Hello, { $name }!' });
    console.log(i18n.t('en', 'hello', { name: 'Ada' }));`,
  telegraf: `
    import { Markup, Telegraf } from 'telegraf';
    const bot = new Telegraf('1:token');
    bot.botInfo = { id: 1, is_bot: true, first_name: 'Bot', username: 'a_bot' };
    bot.on('message', (ctx) => console.log(ctx.message.text));
    const chat = { id: 1, type: 'private' };
    await bot.handleUpdate({ update_id: 1, message: { message_id: 1, date: 0, chat, text: 'hello' } });
    console.log(JSON.stringify(Markup.button.callback('a', 'b')));`,
  'isomorphic-fetch, imported': `
    import fetch from 'isomorphic-fetch';
    const response = await fetch('data:text/plain,hello').catch((error) => ({ text: () => error.name }));
    console.log(typeof fetch, await response.text());`,
  'node-fetch, required': `
    import fetch from './node-fetch.cjs';
    console.log(fetch.name, typeof fetch.Headers);`,
  'dayjs with a plugin': `
    import dayjs from 'dayjs';
    import utc from 'dayjs/plugin/utc.js';
    dayjs.extend(utc);
    console.log(dayjs.utc('2020-02-03').format('D.M.YYYY'));`,
  'the AWS SDK': `
    import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    const client = new SecretsManagerClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
      requestHandler: { handle: async ({ headers }) => { throw new Error(headers['x-amz-target']); } },
    });
    const command = new GetSecretValueCommand({ SecretId: 'x' });
    console.log(await client.send(command).catch(({ message }) => message));
    process.exit();`,
  'several at once': `
    import debug from 'debug';
    import picomatch from 'picomatch';
    import { convertableToString } from './tslib.cjs';
    console.log(typeof debug('x'), picomatch('*.ts')('bot.ts'), convertableToString);`,
};

describe('popular packages', () => {
  const project = writeProject({
    'package.json': '{ "type": "module" }',
    'node-fetch.cjs': "module.exports = require('node-fetch');",
    'tslib.cjs': "exports.convertableToString = require('tslib').__assign({ a: 1 }, { b: 2 }).b;",
  });
  linkInstalledPackages(project);

  it.each(Object.keys(CALLS))('do the same in a bundle as in plain Node: %s', (name) => {
    const entry = join(project, `${name.replace(/\W/g, '-')}.mjs`);
    writeFileSync(entry, String(CALLS[name]));
    const plain = runModule(entry);
    expect(plain).not.toBe('');
    expect(runModule(join(bundled(entry), 'index.mjs'))).toBe(plain);
  });
});

describe('a package with compiled parts', () => {
  it('is refused with the setting that installs it', () => {
    const project = writeProject({ 'bot.ts': "import 'lightningcss';\nexport const handler = 1;" });
    linkInstalledPackages(project);
    expect(() => bundled(join(project, 'bot.ts'))).toThrow(
      "lightningcss has parts that are compiled for one platform, which cannot be bundled: add bundling: { nodeModules: ['lightningcss'] }",
    );
  });

  it('is refused too if it requires them by their path', () => {
    const project = writeProject({
      'node_modules/@scope/native/package.json': '{ "main": "index.js" }',
      'node_modules/@scope/native/index.js': "module.exports = require('./build/native.node');",
      'node_modules/@scope/native/build/native.node': '',
      'bot.ts': "import '@scope/native';",
    });
    expect(() => bundled(join(project, 'bot.ts'))).toThrow(
      '@scope/native has parts that are compiled for one platform',
    );
  });
});
