import type { Service } from './servers.ts';

/** A handler, and how it gets into the file that Lambda loads. */
export interface BenchHandler {
  readonly name: string;
  /** Path from the project's root. */
  readonly entry: string;
  /**
   * Who bundles it: the kit, or esbuild with the options of the CDK's `NodejsFunction`.
   *
   * @default 'kit'
   */
  readonly bundler?: 'kit' | 'esbuild';
  /**
   * The delivery that the kit bundles it for.
   *
   * @default 'direct'
   */
  readonly delivery?: 'direct' | 'queued';
  /** The packages that it needs. Where they are not installed, the case is left out. */
  readonly needs?: 'peers';
}

/** A cold start to measure. */
export interface ColdCase extends BenchHandler {
  /** @default 'text' */
  readonly event?: 'text' | 'large' | 'queued';
  /** Which services it calls. A run in which one of them received nothing has failed. */
  readonly calls?: readonly Service[];
}

const handlers = 'test/benchmarks/handlers';
const peers = 'test/benchmarks/peers';

/** The cases that others are compared with. */
export const EMPTY = 'empty handler';
export const MINIMAL = 'JSON.parse + check';

export const COLD_CASES: readonly ColdCase[] = [
  { name: EMPTY, entry: `${handlers}/empty.ts` },
  { name: 'receiver, returns a call', entry: `${handlers}/replies.ts` },
  { name: 'receiver, returns nothing', entry: `${handlers}/returns-nothing.ts` },
  {
    name: 'botToken() + fetch',
    entry: `${handlers}/fetches.ts`,
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'botToken() + node:https',
    entry: `${handlers}/posts-by-https.ts`,
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'botApi() call',
    entry: `${handlers}/calls-bot-api.ts`,
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'queued bot, first reply',
    entry: `${handlers}/replies-from-queue.ts`,
    delivery: 'queued',
    event: 'queued',
    calls: ['secretsManager', 'botApi'],
  },
  { name: 'ingress', entry: 'functions/ingress/index.ts', calls: ['sqs'] },
  {
    name: 'ingress, 480 kB update',
    entry: 'functions/ingress/index.ts',
    event: 'large',
    calls: ['sqs'],
  },
  {
    name: 'recipe: grammY',
    entry: 'test/recipes/grammy.ts',
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'recipe: Telegraf',
    entry: 'test/recipes/telegraf.ts',
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'peer: AWS SDK + fetch',
    entry: `${peers}/sdk.mjs`,
    bundler: 'esbuild',
    calls: ['secretsManager', 'botApi'],
  },
  {
    name: 'peer: grammY',
    entry: `${peers}/grammy.mjs`,
    bundler: 'esbuild',
    calls: ['botApi'],
  },
  {
    name: 'peer: Telegraf, no call',
    entry: `${peers}/telegraf.mjs`,
    bundler: 'esbuild',
    needs: 'peers',
  },
  {
    name: 'peer: node-telegram-bot-api 2.1',
    entry: `${peers}/node-telegram-bot-api.mjs`,
    bundler: 'esbuild',
    calls: ['botApi'],
    needs: 'peers',
  },
  {
    name: 'peer: node-telegram-bot-api 0.66',
    entry: `${peers}/node-telegram-bot-api-0.mjs`,
    bundler: 'esbuild',
    calls: ['botApi'],
    needs: 'peers',
  },
];

/** Handlers whose time per update is measured. None of them makes a call. */
export const WARM_CASES: readonly BenchHandler[] = [
  { name: MINIMAL, entry: `${handlers}/minimal.ts`, bundler: 'esbuild' },
  { name: 'receiver, returns nothing', entry: `${handlers}/returns-nothing.ts` },
  { name: 'receiver, returns a call', entry: `${handlers}/replies.ts` },
  { name: 'peer: grammY', entry: `${peers}/grammy-silent.mjs`, bundler: 'esbuild' },
  { name: 'peer: Telegraf', entry: `${peers}/telegraf-silent.mjs`, bundler: 'esbuild' },
];
