import { Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

/**
 * How `functions/` finds a secret: by its full ARN where the app knows it, else by its name, which is
 * also what a person looks for in the console.
 */
export function secretId(secret: ISecret): string {
  return secret.secretFullArn ?? secret.secretName;
}

/**
 * Refuses what is no secret, and a secret that another bot of the app already uses: a bot has one
 * webhook, so of two registrations the later would silently take over the bot.
 */
export function reserveTokenSecret(bot: IConstruct, token: ISecret): void {
  if (typeof token?.secretArn !== 'string') {
    // Whatever was passed instead may be the token itself: it must not be shown.
    throw new Error(
      `token of ${bot.node.path} must be a secret in Secrets Manager, such as ` +
        "Secret.fromSecretNameV2(this, 'Token', 'telegram/dev/bot-token'), and never the token itself",
    );
  }
  const claims = claimsOf(bot);
  const key = identityOf(token);
  const holder = claims.get(key);
  if (holder) {
    throw new Error(
      `${bot.node.path} and ${holder} use the same token secret${nameOf(token)}, but a bot has one ` +
        'webhook: give each bot a token of its own from @BotFather',
    );
  }
  claims.set(key, bot.node.path);
}

/** Path of the bot that uses a secret, by the secret; one list for each app. */
const claimsByApp = new WeakMap<IConstruct, Map<string, string>>();

function claimsOf(bot: IConstruct): Map<string, string> {
  const app = bot.node.root;
  const claims = claimsByApp.get(app) ?? new Map<string, string>();
  claimsByApp.set(app, claims);
  return claims;
}

/** One secret may be imported by name here and by ARN there; account and region make the name unique. */
function identityOf(token: ISecret): string {
  const { account, region } = token.env;
  return [account, region, token.secretName].join('/');
}

function nameOf(token: ISecret): string {
  return Token.isUnresolved(token.secretName) ? '' : ` ${token.secretName}`;
}
