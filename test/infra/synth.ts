import { App, type CfnElement, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { entry } from '../fixtures.ts';
import { readCliContext } from '../sandbox/index.ts';

const cdkJson = readCliContext([]);

export type TestBotProps = Omit<TelegramBotProps, 'token'>;

/** An app that leaves the functions unbundled: what is in a template does not depend on them. */
export function unbundledApp(context: Record<string, unknown> = {}, outdir?: string): App {
  return new App({ outdir, context: { ...cdkJson, 'aws:cdk:bundling-stacks': [], ...context } });
}

/** A stack with one bot, as the settings say. */
export function botStack(settings: TestBotProps = {}): { stack: Stack; bot: TelegramBot } {
  const stack = new Stack(unbundledApp(), 'Kit');
  const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token');
  return { stack, bot: new TelegramBot(stack, 'Bot', { entry, ...settings, token }) };
}

export function botTemplate(settings: TestBotProps = {}): Template {
  return Template.fromStack(botStack(settings).stack);
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
}

/** Returns the logical id of the resource of the construct at a path below the stack: `Registrar/Function`. */
export function logicalIdAt(stack: Stack, path: string): string {
  const ids = path.split('/');
  const construct = ids.reduce<IConstruct>((parent, id) => parent.node.findChild(id), stack);
  return stack.getLogicalId((construct.node.defaultChild ?? construct) as CfnElement);
}

/** The one resource of a type. */
export function onlyResource(template: Template, type: string): { id: string; resource: Resource } {
  const found = Object.entries(template.findResources(type)) as [string, Resource][];
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources of type ${type}`);
  return { id: first[0], resource: first[1] };
}

/** The logical ids that a value refers to, however deep. */
export function referencesOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'Ref' && typeof child === 'string') found.add(child);
      if (key === 'Fn::GetAtt' && Array.isArray(child)) found.add(String(child[0]));
      visit(child);
    }
  };
  visit(value);
  return found;
}

/** Everything that must exist before a resource does: by `DependsOn` and by reference, however far. */
export function needs(template: Template, id: string): Set<string> {
  const resources = template.toJSON().Resources as Record<string, Resource>;
  const found = new Set<string>();
  const visit = (current: string): void => {
    const resource = resources[current];
    if (!resource) return;
    for (const next of [...(resource.DependsOn ?? []), ...referencesOf(resource.Properties)]) {
      if (next in resources && !found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(id);
  return found;
}
