import { HOME, type Location, locationOf } from './aws/account.ts';
import type { StackArtifact } from './cloudformation/assembly.ts';
import type { Template } from './cloudformation/template.ts';
import type { Value } from './cloudformation/values.ts';
import { switchesFor } from './expected-switches.ts';
import type { BotSwitches } from './telegram/bot.ts';

/** The kit's custom resource that names a token secret. Only `start.ts` and `terminal/` know more about it. */
export const BOT_TYPE = 'Custom::TelegramBot';

/** A secret as the stack identifies it. */
export interface TokenSecret extends Location {
  readonly name: string;
  /** The whole ARN, if the stack names it. */
  readonly arn?: string;
  /** How the app expects the bot to be set in @BotFather; absent if it does not say. */
  readonly switches?: BotSwitches;
}

/**
 * Returns the token secret of each bot in a stack and in its nested stacks.
 *
 * @throws Error for a secret that is known only during the deploy
 */
export function tokenSecretsOf(stack: StackArtifact): TokenSecret[] {
  return templatesOf(stack).flatMap((template) =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === BOT_TYPE)
      .map(({ Properties }) => ({
        ...identify(Properties.TokenSecret, template, stack),
        ...(Properties.Expects !== undefined && { switches: switchesFor(Properties.Expects) }),
      })),
  );
}

function identify(
  secret: Value | undefined,
  template: Template,
  { location = HOME }: StackArtifact,
): TokenSecret {
  if (typeof secret !== 'string') {
    throw new Error(
      'The sandbox can fill only token secrets that the app imports by name or by ARN ' +
        '(Secret.fromSecretNameV2): it does not know others before the deploy',
    );
  }
  if (!secret.startsWith('arn:')) return { ...location, name: secret };
  const name = secret.split(':').slice(6).join(':');
  // An ARN without AWS's suffix has a wildcard in the policies instead.
  const isPartial = JSON.stringify(template.Resources).includes(`${secret}-??????`);
  if (isPartial) return { ...locationOf(secret), name };
  return { ...locationOf(secret), name: name.slice(0, -'-XXXXXX'.length), arn: secret };
}

function templatesOf(stack: StackArtifact, template = stack.template): Template[] {
  const nested = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudFormation::Stack')
    .map(({ Properties }) => /\w+\.json/.exec(JSON.stringify(Properties.TemplateURL))?.[0] ?? '')
    .flatMap((key) => stack.nestedTemplate?.(key) ?? [])
    .flatMap((inner) => templatesOf(stack, inner));
  return [template, ...nested];
}
