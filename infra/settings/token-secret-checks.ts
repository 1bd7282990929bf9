import { Stack, Token, Validations } from 'aws-cdk-lib';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { identifySecret, secretId, secretNameOf } from './token-secret.ts';

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

/** Warns about a token secret that AWS may not find, or that holds no token when the bot is deployed. */
export function warnAboutTokenSecret(bot: IConstruct, token: ISecret): void {
  const id = secretId(token, bot);
  if (!token.secretFullArn && !Token.isUnresolved(id) && /^arn:.*-[a-z0-9]{6}$/i.test(id)) {
    Validations.of(bot).addWarning(
      'telegram-webhook-kit:ambiguousArn',
      `${id} lacks the six characters that AWS appends, but AWS takes its last six for them and finds no secret: ` +
        'import it by its complete ARN',
    );
  }
  warnAboutEmptySecret(bot, token);
}

/**
 * Warns about a token secret that the bot's own stack creates without a value: the first deploy creates it, cannot
 * read a token from it, and deletes it again. It looks when the app is synthesized, after all changes to the secret.
 */
function warnAboutEmptySecret(bot: IConstruct, token: ISecret): void {
  const secret = Secret.isSecret(token) ? token.node.defaultChild : undefined;
  if (!(secret instanceof CfnSecret) || Stack.of(token) !== Stack.of(bot)) return;
  bot.node.addValidation({
    validate() {
      if (!hasValue(secret)) {
        Validations.of(bot).addWarning(
          'telegram-webhook-kit:emptyTokenSecret',
          `token of ${bot.node.path} is a secret that this stack creates without a token in it, so a first deploy ` +
            'fails, and deletes the secret again: create the secret with `npm run token` or in a stack that is deployed ' +
            'before, put the token in, then deploy the bot',
        );
      }
      return [];
    },
  });
}

/** Whether the template gives the secret a value that may hold a token. A generated password cannot be one. */
function hasValue({ generateSecretString: generated, secretString }: CfnSecret): boolean {
  if (secretString !== undefined || Token.isUnresolved(generated)) return true;
  return (generated as CfnSecret.GenerateSecretStringProperty)?.secretStringTemplate !== undefined;
}
