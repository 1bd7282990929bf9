import { Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

/**
 * Returns the id by which `functions/` finds a secret: its full ARN if the app knows it, else its name, which
 * is also what a person looks for in the console.
 */
export function secretId(secret: ISecret): string {
  return secret.secretFullArn ?? secret.secretName;
}

/**
 * Reserves a token secret for a bot. A bot has one webhook, so the later of two registrations with the same
 * token would silently take over the bot.
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
  const key = identityOf(token);
  const owner = reservations.get(key);
  if (owner) {
    throw new Error(
      `${bot.node.path} and ${owner} use the same token secret${nameOf(token)}, but a bot has only one ` +
        'webhook: give each bot its own token from @BotFather',
    );
  }
  reservations.set(key, bot.node.path);
}

/** Paths of bots by the identity of their secret; one map per app. */
const reservationsByApp = new WeakMap<IConstruct, Map<string, string>>();

function reservationsOf(bot: IConstruct): Map<string, string> {
  const app = bot.node.root;
  const reservations = reservationsByApp.get(app) ?? new Map<string, string>();
  reservationsByApp.set(app, reservations);
  return reservations;
}

/** Returns a key that is the same for a secret imported by name and by ARN: names are unique in a region. */
function identityOf(token: ISecret): string {
  const { account, region } = token.env;
  return [account, region, token.secretName].join('/');
}

function nameOf(token: ISecret): string {
  return Token.isUnresolved(token.secretName) ? '' : ` ${token.secretName}`;
}
