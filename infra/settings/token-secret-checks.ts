import { Stack, Validations } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { identifySecret, secretNameOf } from './token-secret.ts';

/**
 * Reserves a token secret for a bot. A bot has one webhook, so the later of two registrations with the same
 * token would silently take over the bot. Two stacks that may be deployed to different accounts or regions only get
 * a warning.
 *
 * @throws Error for a value that is not a secret, and for a secret that another bot of the app uses
 */
export function reserveTokenSecret(bot: IConstruct, token: ISecret): void {
  if (typeof token?.secretArn !== 'string') {
    // The value may be the token itself, so it is not shown.
    throw new Error(
      `token of ${bot.node.path} must be a secret in Secrets Manager, such as ` +
        "Secret.fromSecretNameV2(this, 'Token', 'telegram/dev/bot-token'), and never the token itself",
    );
  }
  const reservations = reservationsOf(bot);
  const { key, isCertain } = identifySecret(token);
  const owner = reservations.get(key);
  if (!owner) {
    reservations.set(key, bot);
    return;
  }
  const name = secretNameOf(token);
  const shared = `${bot.node.path} and ${owner.node.path} use the same token secret${name ? ` ${name}` : ''}`;
  if (isCertain || Stack.of(owner) === Stack.of(bot)) {
    throw new Error(
      `${shared}, but a bot has only one webhook: give each bot its own token from @BotFather`,
    );
  }
  Validations.of(bot).addWarning(
    'telegram-webhook-kit:sharedTokenSecret',
    `${shared} if both stacks are deployed to the same account and region. The later one would then take over the ` +
      "bot's only webhook: give the stacks an env, or each bot its own token from @BotFather",
  );
}

/** Bots by the identity of their secret; one map per app. */
const reservationsByApp = new WeakMap<IConstruct, Map<string, IConstruct>>();

function reservationsOf(bot: IConstruct): Map<string, IConstruct> {
  const app = bot.node.root;
  const reservations = reservationsByApp.get(app) ?? new Map<string, IConstruct>();
  reservationsByApp.set(app, reservations);
  return reservations;
}
