import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { AppStack } from './app-stacks.ts';
import {
  type BotTemplate,
  constructPath,
  type DeclaredBot,
  declaredBots,
  resourcesOfType,
  type TemplateResource,
} from './template.ts';

export interface DeployedStack {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** CloudFormation's: `UPDATE_COMPLETE`. */
  readonly status: string;
  /** CloudFormation's reason for a status that has one. */
  readonly statusReason?: string;
  /** When its last deploy began. */
  readonly deployedAt?: Date;
  /** Its bots and those of its nested stacks. */
  readonly bots: readonly DeployedBot[];
}

/** A deployed bot and the names of what belongs to it. Anything that the stack does not have is undefined. */
export interface DeployedBot extends DeclaredBot {
  readonly stack: Omit<DeployedStack, 'bots'>;
  readonly registrar?: DeployedFunction;
  /** Log group of the CDK's provider framework, which calls the registrar during a deploy. */
  readonly frameworkLogGroup?: string;
  /** Runs the bot, with either delivery. */
  readonly bot?: DeployedFunction;
  /** Only with queued delivery. */
  readonly ingress?: DeployedFunction;
  /** Name of the log group with one line per request. */
  readonly accessLogGroup?: string;
  /** URL of the queue of updates. */
  readonly updates?: string;
  /** URL of the dead-letter queue. */
  readonly deadLetters?: string;
  /** The schedule of the watch, which holds the event for the registrar, and those of other bots. */
  readonly schedule?: { readonly name: string; readonly group?: string };
  /** Names of the bot's alarms. */
  readonly alarms: readonly string[];
}

export interface DeployedFunction {
  readonly name: string;
  readonly logGroup: string;
}

/** The stack does not exist, or was never deployed. Its message says what to do. */
export class StackNotDeployed extends Error {
  override readonly name = 'StackNotDeployed';
}

/**
 * Reads a deployed stack and the stacks nested in it.
 *
 * @param deploy the command that deploys the stack, for the message
 * @throws StackNotDeployed; errors of CloudFormation
 */
export async function readDeployedStack(
  client: CloudFormationClient,
  { account, name }: Pick<AppStack, 'account' | 'name'>,
  deploy: string,
): Promise<DeployedStack> {
  const region = await client.config.region();
  const found = await describe(client, name);
  if (found === undefined || found.StackStatus === 'REVIEW_IN_PROGRESS') {
    const place = account === undefined ? region : `${region}, account ${account}`;
    throw new StackNotDeployed(
      `Stack ${name} is not deployed in ${place}. Deploy it with \`${deploy}\`, or use the region and the ` +
        'credentials that it was deployed with.',
    );
  }
  const arn = found.StackId ?? '';
  const actualAccount = arn.split(':')[4];
  if (account !== undefined && account !== actualAccount) {
    throw new Error(
      `The app deploys stack ${name} to account ${account}, but your credentials are for account ${actualAccount}: ` +
        'set AWS_PROFILE or pass --profile.',
    );
  }
  const stack = {
    name,
    arn,
    region,
    status: found.StackStatus ?? 'unknown',
    statusReason: found.StackStatusReason,
    deployedAt: found.LastUpdatedTime ?? found.CreationTime,
  };
  return { ...stack, bots: await botsOf(client, stack, arn) };
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (/does not exist/.test(error.message)) return { Stacks: [] };
      throw error;
    });
  return Stacks[0];
}

async function botsOf(
  client: CloudFormationClient,
  stack: DeployedBot['stack'],
  StackName: string,
): Promise<DeployedBot[]> {
  const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName }));
  const template: BotTemplate = JSON.parse(TemplateBody);
  const physicalIds = await physicalIdsOf(client, StackName);
  const nested = resourcesOfType(template, 'AWS::CloudFormation::Stack').map(([id]) => {
    const arn = physicalIds.get(id);
    return arn === undefined ? [] : botsOf(client, stack, arn);
  });
  return [
    ...declaredBots(template).map((bot) => withResources(bot, stack, template, physicalIds)),
    ...(await Promise.all(nested)).flat(),
  ];
}

/** Returns the physical ids by logical id. DescribeStackResources would return the first hundred. */
async function physicalIdsOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const resource of page.StackResourceSummaries ?? []) {
      const { LogicalResourceId: id, PhysicalResourceId: physicalId, ResourceStatus } = resource;
      if (id && physicalId && ResourceStatus !== 'DELETE_COMPLETE') ids.set(id, physicalId);
    }
  }
  return ids;
}

/** Adds the resources of a bot, which are found by the ids of the kit's constructs. */
export function withResources(
  bot: DeclaredBot,
  stack: DeployedBot['stack'],
  template: BotTemplate,
  physicalIds: ReadonlyMap<string, string>,
): DeployedBot {
  const at = (type: string, path: string) =>
    resourcesOfType(template, type).find(
      ([, resource]) => constructPath(resource) === `${path}/Resource`,
    );
  const physicalId = ([id]: [string, TemplateResource] | [] = []) =>
    id === undefined ? undefined : physicalIds.get(id);
  const lambda = (path: string): DeployedFunction | undefined => {
    const found = at('AWS::Lambda::Function', path);
    const name = physicalId(found);
    if (!found || !name) return undefined;
    return { name, logGroup: logGroupOf(found[1], physicalIds) ?? `/aws/lambda/${name}` };
  };
  const child = (path: string) => `${bot.path}/${path}`;
  const isOfBot = ([, resource]: [string, TemplateResource]) =>
    constructPath(resource)?.startsWith(child('')) ?? false;
  const schedule = resourcesOfType(template, 'AWS::Scheduler::Schedule').find(([, resource]) =>
    checks(resource, bot.path),
  );
  const scheduleName = physicalId(schedule);
  const receiver = lambda(child('Endpoint/Receiver'));
  const queued = lambda(child('Queue/Bot'));
  const registrar = registrarPath(bot.path, template);
  return {
    ...bot,
    stack,
    registrar: lambda(registrar),
    frameworkLogGroup: physicalId(
      at('AWS::Logs::LogGroup', registrar.replace(/Function$/, 'FrameworkLogging/LogGroup')),
    ),
    bot: queued ?? receiver,
    ingress: queued && receiver,
    accessLogGroup: physicalId(at('AWS::Logs::LogGroup', child('Endpoint/AccessLog'))),
    updates: physicalId(at('AWS::SQS::Queue', child('Queue/Updates'))),
    deadLetters: physicalId(at('AWS::SQS::Queue', child('Queue/DeadLetters'))),
    schedule: scheduleName ? { name: scheduleName, group: groupOf(schedule) } : undefined,
    alarms: resourcesOfType(template, 'AWS::CloudWatch::Alarm')
      .filter(isOfBot)
      .map(physicalId)
      .filter((name) => name !== undefined),
  };
}

/** Returns the path of the registrar of the bot's stack, whose own path is the beginning of the bot's. */
function registrarPath(bot: string, template: BotTemplate): string {
  const parts = bot.split('/');
  const candidates = parts.map((_, end) =>
    [...parts.slice(0, end), 'Registrar/Function'].join('/'),
  );
  const paths = new Set(
    resourcesOfType(template, 'AWS::Lambda::Function').map(([, resource]) =>
      constructPath(resource),
    ),
  );
  return candidates.find((path) => paths.has(`${path}/Resource`)) ?? '';
}

function logGroupOf(
  { Properties }: TemplateResource,
  physicalIds: ReadonlyMap<string, string>,
): string | undefined {
  const { LogGroup } = Object(Properties?.LoggingConfig);
  return typeof LogGroup === 'string' ? LogGroup : physicalIds.get(Object(LogGroup).Ref);
}

/** Whether a schedule has a bot checked: its input, which is JSON with references in between, names the bot. */
function checks({ Properties }: TemplateResource, path: string): boolean {
  const { Input } = Object(Properties?.Target);
  const text = [Input?.['Fn::Join']?.[1] ?? Input]
    .flat()
    .filter((part) => typeof part === 'string');
  return text.join('').includes(`"Bot":${JSON.stringify(path)}`);
}

function groupOf(schedule?: [string, TemplateResource]): string | undefined {
  const group = schedule?.[1].Properties?.GroupName;
  return typeof group === 'string' ? group : undefined;
}
