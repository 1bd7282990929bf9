/** `npm run smoke`: deploys a temporary stage to your AWS account, looks at it, and destroys it. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientOptions } from '../client-options.ts';
import { appStacks } from '../deployed-bots/app-stacks.ts';
import { contextOf } from '../deployed-bots/options.ts';
import { ExitCode, exitCodesUsage, runMain, WrongOptionError } from '../run-main.ts';
import { runScript } from '../run-script.ts';
import { webhookAt } from '../token/ask-telegram.ts';
import { StoredSecret, tokenIn } from '../token/stored-secret.ts';
import { existingLogGroups, findStack, logGroupsOf, untilIdle } from './leftovers.ts';
import { type SmokeSteps, smoke } from './smoke.ts';
import { botOfStage, type SmokeBot } from './stage.ts';

const usage = `npm run smoke -- --secret NAME [-c KEY=VALUE]

Proves that the app works in your AWS account: deploys it as stage smoke-<random>, reads its status, deploys it again, reads
the status again, destroys it, and checks that no stack, no log group and no webhook is left. It destroys after a failure and
after Ctrl-C too. Takes about a quarter of an hour and costs a few cents at most.
  --secret NAME   the secret with the token of a bot for tests: npm run token -- --secret telegram/smoke/bot-token
  -c KEY=VALUE    context for the app, such as -c delivery=queued
  --app COMMAND   another app than that of cdk.json
  --profile NAME  the AWS profile

Uses the AWS credentials of your shell. Needs what npm run deploy and npm run status need, and
secretsmanager:GetSecretValue on the secret: the bot's webhook is read from this machine.

${exitCodesUsage}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      secret: { type: 'string' },
      context: { type: 'string', short: 'c', multiple: true },
      app: { type: 'string', short: 'a' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { app, context = [], help, profile, secret } = values;
  if (help) {
    console.log(usage);
    return 0;
  }
  if (secret === undefined) {
    throw new WrongOptionError(
      '--secret NAME is missing: the secret with the token of a bot for tests. --help says more.',
    );
  }
  const interruption = new AbortController();
  // A closed terminal and a cancelled job of CI must not leave the stage behind either.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) console.error('It is being destroyed: please wait.');
      interruption.abort();
    });
  }
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const stage = `smoke-${randomBytes(4).toString('hex')}`;
  const chosen = { app, context: [...context, `stage=${stage}`, `botTokenSecret=${secret}`] };
  const bot = botOfStage(await appStacks(app, contextOf(chosen)), stage, secret);
  const webhook = await unusedWebhook(bot);
  if (interruption.signal.aborted) return ExitCode.interrupted;
  const flags = [
    ...(app === undefined ? [] : ['--app', app]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...chosen.context.flatMap((pair) => ['-c', pair]),
  ];
  const failures = await smoke(stepsFor(bot, flags, webhook), {
    signal: interruption.signal,
    print: (line) => console.log(`\n${line}`),
  });
  for (const failure of failures) console.error(failure);
  if (failures.length === 0) console.log('The smoke test passed.');
  if (interruption.signal.aborted) return ExitCode.interrupted;
  return failures.length === 0 ? 0 : ExitCode.failed;
}

/**
 * Makes sure that the bot is one for tests.
 *
 * @returns what reads its webhook
 * @throws Error when the bot has a webhook, which the test would replace and then delete
 */
async function unusedWebhook({ region, secret, server }: SmokeBot): Promise<() => Promise<string>> {
  const state = await new StoredSecret(
    new SecretsManagerClient(clientOptions(region)),
    secret,
  ).read();
  const token = state.kind === 'present' ? tokenIn(state.value) : undefined;
  if (token === undefined) {
    throw new Error(
      `Secret ${secret} holds no bot token. Create a bot for tests with @BotFather, then:\nnpm run token -- --secret ${secret}`,
    );
  }
  const read = () => webhookAt(token, server);
  if ((await read()) === '') return read;
  throw new Error(
    `The bot of secret ${secret} has a webhook, which a smoke test would replace and then delete: use a bot for tests.`,
  );
}

function stepsFor(
  { region, stack }: SmokeBot,
  flags: readonly string[],
  webhook: () => Promise<string>,
): SmokeSteps {
  const cloudFormation = new CloudFormationClient(clientOptions(region));
  const logs = new CloudWatchLogsClient(clientOptions(region));
  let groups: string[] = [];
  const run = async (script: string, args: readonly string[], isDetached = false) => {
    const [exitCode] = await once(runScript(script, args, { isDetached }), 'exit');
    if (exitCode !== 0) throw new Error(`npm run ${script} ended with ${exitCode ?? 'a signal'}`);
  };
  return {
    deploy: () => run('deploy', ['--require-approval', 'never', ...flags]),
    status: () => run('status', flags),
    async destroy() {
      await untilIdle(cloudFormation, stack);
      groups = [...new Set([...groups, ...(await logGroupsOf(cloudFormation, stack))])];
      await run('destroy', ['--force', ...flags], true);
    },
    async leftovers() {
      const found = await findStack(cloudFormation, stack);
      const existing = await existingLogGroups(logs, groups);
      return [
        ...(found ? [`the stack ${stack} (${found.StackStatus})`] : []),
        ...existing.map((name) => `the log group ${name}`),
        ...((await webhook()) === '' ? [] : ["the bot's webhook"]),
      ];
    },
  };
}

process.exitCode = await runMain(main);
