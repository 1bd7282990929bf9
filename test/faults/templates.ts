import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { Watch } from '../../infra/settings/watch.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';
import { entry, secretName } from '../fixtures.ts';
import { unbundledApp } from '../infra/synth.ts';
import { parseTemplate, readAssembly, type StackArtifact } from '../sandbox/index.ts';

/** A bot of a stack: the id of its construct, the secret that holds its token, and its settings. */
export interface BotDescription extends Omit<TelegramBotProps, 'token'> {
  /** @default 'Bot' */
  readonly id?: string;
  /** @default secretName */
  readonly secret?: string;
}

export interface StackDescription {
  /** @default 'Kit' */
  readonly name?: string;
  /** @default - one bot with default settings */
  readonly bots?: readonly BotDescription[];
  /** Gives the bots other endpoints, as the replacement of an API does. */
  readonly newApi?: boolean;
}

const synthesized = new Map<string, StackArtifact>();

/** Returns the kit's template for these settings, as if it had been synthesized at `time`. */
export function stackArtifact(description: StackDescription, time: number): StackArtifact {
  const key = JSON.stringify(description);
  const artifact = synthesized.get(key) ?? synthesize(description);
  synthesized.set(key, artifact);
  return stamped(artifact, new Date(time).toISOString());
}

function synthesize({ name = 'Kit', bots = [{}], newApi }: StackDescription): StackArtifact {
  const app = unbundledApp();
  // What a deploy leaves is not to be repaired before it is looked at, unless the watch is what is tested.
  const watch = Watch.off();
  const [only, another] = bots;
  if (only && !another && !only.id) {
    const { secret = secretName, id: _, ...bot } = only;
    new TelegramBotStack(app, name, { botTokenSecret: secret, bot: { entry, watch, ...bot } });
  } else {
    const stack = new Stack(app, name);
    for (const { id = 'Bot', secret = secretName, ...settings } of bots) {
      const token = Secret.fromSecretNameV2(stack, `${id}Token`, secret);
      new TelegramBot(stack, id, { entry, watch, ...settings, token });
    }
  }
  app.synth();
  const [artifact] = readAssembly(app.outdir);
  if (!artifact) throw new Error('The app has no stack');
  return newApi ? withNewApis(artifact) : artifact;
}

/** Renames the APIs: CloudFormation treats another logical id as another resource. */
function withNewApis(artifact: StackArtifact): StackArtifact {
  const apis = Object.entries(artifact.template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Api')
    .map(([id]) => id);
  let text = JSON.stringify(artifact.template);
  for (const id of apis) text = text.replaceAll(`"${id}"`, `"${id}New"`);
  return { ...artifact, template: parseTemplate(JSON.parse(text)) };
}

function stamped(artifact: StackArtifact, DeployStamp: string): StackArtifact {
  const resources = Object.entries(artifact.template.Resources).map(([id, resource]) => {
    if (!('DeployStamp' in resource.Properties)) return [id, resource];
    return [id, { ...resource, Properties: { ...resource.Properties, DeployStamp } }];
  });
  const template = { ...artifact.template, Resources: Object.fromEntries(resources) };
  return { ...artifact, template };
}
