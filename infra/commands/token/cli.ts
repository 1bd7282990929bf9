/** `npm run token`: reads a bot token without showing it, checks it, and stores it in the bot's secret. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { withHint } from '../aws-hints.ts';
import { clientOptions } from '../client-options.ts';
import { botOptions } from '../deployed-bots/options.ts';
import {
  ExitCode,
  exitCodesUsage,
  InterruptedError,
  runMain,
  WrongOptionError,
} from '../run-main.ts';
import { runScript } from '../run-script.ts';
import { wrap } from '../text.ts';
import { BadTokenError } from './ask-telegram.ts';
import { Keyboard } from './keyboard.ts';
import { NothingStoredError, storeToken } from './store-token.ts';
import { StoredSecret } from './stored-secret.ts';
import { findTarget, type TokenTarget } from './target.ts';

const usage = `npm run token [-- -c stage=NAME]
npm run token -- --secret NAME-OR-ARN [--region REGION]

Asks for the token of a bot, without showing it, or reads it from a pipe. Checks it with Telegram, stores it in the
secret that the app names for the bot, and offers to deploy. Creates the secret, or restores it, if need be.
  -c KEY=VALUE    context for the app, as for cdk deploy: -c stage=prod
  --stage NAME    the same as -c stage=NAME
  --bot PATH      the bot, by its construct path, if the app has several: TelegramBot-prod/Bot
  --app COMMAND   another app than that of cdk.json
  --secret ID     this secret, by its name or ARN; the app is not run
  --region NAME   the region of the secret
  --profile NAME  the AWS profile
  --api-root URL  another Bot API server than the app's
  --unchecked     stores the token without asking Telegram, where Telegram is not reachable
  --yes           agrees to restore a deleted secret, and to store the token of another bot

Uses the AWS credentials of your shell. Needs secretsmanager:GetSecretValue, and as it is used PutSecretValue,
CreateSecret and RestoreSecret; kms:Decrypt and GenerateDataKey if the secret has a key of your own.

${exitCodesUsage}`;

async function main(keyboard: Keyboard): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...botOptions,
      secret: { type: 'string' },
      region: { type: 'string' },
      'api-root': { type: 'string' },
      unchecked: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals.length > 0) {
    // It is not shown, because it may be the token.
    throw new WrongOptionError(
      'The token cannot be an argument, because your shell keeps arguments in its history and the system shows them to others. ' +
        'If it was one: get a new token from @BotFather (/revoke), then run the command without it.',
    );
  }
  // The client reads it, and so does the app.
  if (values.profile !== undefined) process.env.AWS_PROFILE = values.profile;
  const target = await keyboard.until(findTarget(values));
  const client = new SecretsManagerClient(clientOptions(target.region));
  console.log(`Secret ${target.secretId} in ${await client.config.region()}`);
  const { yes, unchecked } = values;
  await storeToken(keyboard, {
    secret: new StoredSecret(client, target.secretId),
    servers: target.servers,
    yes,
    unchecked,
    print,
  });
  return offerDeploy(keyboard, target);
}

/** Prints a paragraph, in a terminal broken between words, but nothing that would have to be copied in parts. */
function print(paragraph: string): void {
  const { columns = Number.POSITIVE_INFINITY } = process.stdout;
  const isBreakable = paragraph.split(' ').every((word) => word.length < columns);
  console.log(isBreakable ? wrap(paragraph, columns).join('\n') : paragraph);
}

async function offerDeploy(keyboard: Keyboard, { bot, deploy }: TokenTarget): Promise<number> {
  if (deploy === undefined) {
    console.log('Now deploy the bot again: npm run deploy, with the same -c as before.');
    return 0;
  }
  const words = ['run', 'deploy', ...(deploy.length > 0 ? ['--', ...deploy] : [])];
  const command = ['npm', ...words.map((word) => (/\s/.test(word) ? `"${word}"` : word))].join(' ');
  const isWanted = await keyboard.isAffirmed(`Deploy ${bot} now?`).catch(() => false);
  keyboard.close();
  if (!isWanted) {
    console.log(`To deploy: ${command}`);
    return 0;
  }
  const child = runScript('deploy', deploy);
  // Ctrl-C goes to the deploy too, which ends by itself.
  process.on('SIGINT', () => {});
  const [exitCode] = await once(child, 'exit').catch((error: Error) => {
    console.error(`${error.message}\nTo deploy: ${command}`);
    return [ExitCode.failed];
  });
  return exitCode ?? ExitCode.failed;
}

function explain(error: Error): string {
  if (error instanceof InterruptedError) return 'Interrupted: nothing was stored.';
  const isExpected = error instanceof NothingStoredError || error instanceof BadTokenError;
  const message = isExpected ? error.message : awsMessage(error);
  return `${message}\nNothing was stored.`;
}

function awsMessage(error: Error): string {
  const isKey =
    /AccessDenied|DecryptionFailure|EncryptionFailure|InvalidRequest/.test(error.name) &&
    /\b(KMS|key)\b/i.test(error.message);
  if (!isKey) return withHint(error);
  return (
    `${error.message}\nThe secret has a KMS key of its own: it must be enabled, and you need kms:Decrypt and ` +
    'kms:GenerateDataKey on it.'
  );
}

const keyboard = new Keyboard({ input: process.stdin, output: process.stderr });
process.exitCode = await runMain(() => main(keyboard).finally(() => keyboard.close()), explain);
