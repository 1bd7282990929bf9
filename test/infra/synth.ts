import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { entry } from '../fixtures.ts';
import { readCliContext } from '../sandbox/index.ts';

const cdkJson = readCliContext([]);

/** No bundles; and paths of constructs in templates, as the CDK CLI puts them there. */
const flags = { 'aws:cdk:bundling-stacks': [], 'aws:cdk:enable-path-metadata': true };

export type TestBotProps = Omit<TelegramBotProps, 'token'>;

/** Creates an app that leaves the functions unbundled, because its templates do not depend on the bundles. */
export function unbundledApp(context: Record<string, unknown> = {}, outdir?: string): App {
  return new App({ outdir, context: { ...cdkJson, ...flags, ...context } });
}

/** Creates a stack with one bot. */
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

/** Matches a function by its construct's path below the stack: `Registrar/Function`. */
export function functionAt(path: string, Properties: object = {}): object {
  return { Metadata: { 'aws:cdk:path': `Kit/${path}/Resource` }, Properties };
}

/**
 * Returns the logical id and the definition of the function at a construct path.
 *
 * @throws Error when there is none
 */
export function findFunction(template: Template, path: string): { id: string; resource: Resource } {
  const [found] = Object.entries(
    template.findResources('AWS::Lambda::Function', functionAt(path)),
  ) as [string, Resource][];
  if (!found) throw new Error(`No function at ${path}`);
  return { id: found[0], resource: found[1] };
}

/**
 * Returns the only resource of a type.
 *
 * @throws Error when there is none, or more than one
 */
export function onlyResource(template: Template, type: string): { id: string; resource: Resource } {
  const found = Object.entries(template.findResources(type)) as [string, Resource][];
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources of type ${type}`);
  return { id: first[0], resource: first[1] };
}

export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Returns the logical id of the role of the function at a construct path. */
export function roleAt(template: Template, path: string): string {
  const { Role } = findFunction(template, path).resource.Properties;
  return (Role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];
}

/** Returns the ids of a role's policies, which are resources of their own. */
export function policiesOf(template: Template, role: string): string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter(([, { Properties }]) => Properties.Roles[0].Ref === role)
    .map(([id]) => id);
}

/** Returns what a role may do: by the rights that are part of it, and by its policies. */
export function statementsOf(template: Template, role: string): Statement[] {
  const resources = template.toJSON().Resources;
  const { Policies = [] } = resources[role].Properties;
  const policies = policiesOf(template, role).map((id) => resources[id].Properties);
  return [...Policies, ...policies].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Returns the ids of the roles that the registrar assumes to read tokens, each with its statements. */
export function tokenReaders(template: Template): Map<string, Statement[]> {
  const roles = Object.keys(template.findResources('AWS::IAM::Role'));
  const readers = roles.filter((id) => id.includes('IdentityReads'));
  return new Map(readers.map((id) => [id, statementsOf(template, id)]));
}

/** Returns the logical ids that a value refers to, at any depth. */
export function referencesOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'Ref' && typeof child === 'string') found.add(child);
      if (key === 'Fn::GetAtt' && Array.isArray(child)) found.add(String(child[0]));
      if (key === 'Fn::Sub') {
        const [text] = [child].flat();
        for (const [, id = ''] of String(text).matchAll(/\$\{(\w+)/g)) found.add(id);
      }
      visit(child);
    }
  };
  visit(value);
  return found;
}

/** Returns the logical ids that a resource depends on, by `DependsOn` and by reference, transitively. */
export function needs(template: Template, id: string): Set<string> {
  const resources = template.toJSON().Resources as Record<string, Resource>;
  const found = new Set<string>();
  const visit = (current: string): void => {
    for (const next of directNeeds(resources, current)) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(id);
  return found;
}

/** Returns the logical ids of the resources that one refers to or names in `DependsOn`. */
export function directNeeds(resources: Record<string, Resource>, id: string): string[] {
  const { DependsOn = [], Properties } = resources[id] ?? {};
  const named = [...DependsOn, ...referencesOf(Properties)];
  return named.filter((other) => other in resources);
}
