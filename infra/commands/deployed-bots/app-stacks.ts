import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { type BotTemplate, type DeclaredBot, declaredBots, resourcesOfType } from './template.ts';

/** A stack of the app that has a bot. */
export interface AppStack {
  readonly name: string;
  /** How the CDK's command line names it: `Stage/Stack`. */
  readonly id: string;
  /** Undefined when the app leaves it to the shell. */
  readonly region?: string;
  /** As `region`. */
  readonly account?: string;
  /** Its bots and those of its nested stacks. */
  readonly bots: readonly DeclaredBot[];
}

/**
 * Runs the app as `cdk` would, but without bundles, and returns its stacks with bots.
 *
 * @param app a command, or the directory of a cloud assembly; undefined for `app` in cdk.json
 * @param context overrides that of cdk.json
 * @throws Error with the app's own message when it fails
 */
export async function appStacks(
  app: string | undefined,
  context: Readonly<Record<string, string>>,
): Promise<AppStack[]> {
  const cdkJson = await readJson('cdk.json');
  const command = app ?? cdkJson.app;
  if (typeof command !== 'string' || command === '') {
    throw new Error(
      'There is no cdk.json with an "app" here: give the command with --app, or the stack with --stack.',
    );
  }
  if (await isDirectory(command)) return readAssembly(command);
  const directory = await mkdtemp(join(tmpdir(), 'cdk.out-'));
  try {
    await run(command, {
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({
        ...(await readJson('cdk.context.json')),
        ...(cdkJson.context as object | undefined),
        ...context,
        'aws:cdk:bundling-stacks': [],
        'aws:cdk:disable-asset-staging': true,
        'aws:cdk:enable-asset-metadata': true,
        'aws:cdk:enable-path-metadata': true,
      }),
      // Two thirds of the time, and `cdk deploy` does it.
      CDK_VALIDATION: 'false',
    });
    return await readAssembly(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(command: string, env: Record<string, string>): Promise<void> {
  const app = spawn(command, {
    shell: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    app.once('error', reject);
    app.once('close', resolve);
  });
  const printed = (await Promise.all([text(app.stdout), text(app.stderr)])).join('\n').trim();
  if ((await exit) === 0) return;
  // How Node prints an uncaught error: the message, then the stack.
  const message = /^\w*Error: ([\s\S]*?)\r?\n {4}at /m.exec(printed)?.[1];
  throw new Error(
    `The app that says which stacks have bots failed: ${message ?? (printed || 'it printed nothing')}\n` +
      '--stack NAME names a deployed stack without running the app.',
  );
}

async function readAssembly(directory: string): Promise<AppStack[]> {
  const { stacksRecursively } = new CloudAssembly(directory);
  const stacks = await Promise.all(stacksRecursively.map(readStack));
  return stacks.filter(({ bots }) => bots.length > 0);
}

async function readStack(stack: CloudFormationStackArtifact): Promise<AppStack> {
  const { account, region } = stack.environment;
  return {
    name: stack.stackName,
    id: stack.hierarchicalId,
    region: region === 'unknown-region' ? undefined : region,
    account: account === 'unknown-account' ? undefined : account,
    bots: await botsOf(stack.template, stack.assembly.directory),
  };
}

async function botsOf(template: BotTemplate, directory: string): Promise<DeclaredBot[]> {
  const nested = resourcesOfType(template, 'AWS::CloudFormation::Stack').map(
    async ([, { Metadata }]) => {
      const path = Metadata?.['aws:asset:path'];
      if (typeof path !== 'string') return [];
      return botsOf(await readJson(join(directory, path)), directory);
    },
  );
  return [...declaredBots(template), ...(await Promise.all(nested)).flat()];
}

/** Returns an empty object if there is no such file. */
async function readJson(file: string): Promise<Record<string, unknown>> {
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
