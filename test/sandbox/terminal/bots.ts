import { arnOf, HOME, locationOf } from '../aws/account.ts';
import type { FunctionConfiguration } from '../aws/lambda/lambda.ts';
import { fillIn } from '../aws/scheduler/scheduler.ts';
import type { FifoQueue } from '../aws/sqs/fifo-queue.ts';
import type { StackState } from '../cloudformation/cloudformation.ts';
import { BOT_TYPE } from '../declared-bots.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Bot } from '../telegram/bot.ts';

/** The environment variables by which the kit's functions find their token and their queue. */
const TOKEN_SECRET = 'BOT_TOKEN_SECRET';
const QUEUE_URL = 'UPDATE_QUEUE_URL';

/** A queue between Telegram and a bot. */
export interface BotQueue {
  readonly arn: string;
  readonly updates: FifoQueue;
  /** Undefined for a queue without a redrive policy. */
  readonly deadLetters?: { readonly arn: string; readonly queue: FifoQueue };
}

/** A bot of the app, with the resources that run it. */
export interface LocalBot {
  readonly bot: Bot;
  /** Path of its construct in the app: `TelegramBot-dev/Bot`. Undefined if it is not deployed. */
  readonly path?: string;
  /** Log groups of the functions that receive its updates or have its token. */
  readonly logGroups: readonly string[];
  /** Undefined with direct delivery. */
  readonly queue?: BotQueue;
  /** Asks the registrar how the webhook is, as `npm run status` does. Undefined for a bot without the kit's watch. */
  readonly diagnose?: () => Promise<Diagnosis>;
  /** Lets the watch check and repair the webhook, as its schedule does at a time in milliseconds since the epoch. */
  readonly runWatch?: (at: number) => Promise<void>;
}

/** What the terminal shows of the registrar's report. */
export interface Diagnosis {
  readonly condition: string;
  readonly cause: string;
  readonly fix: string;
  readonly webhook?: { readonly host: string; readonly pendingUpdates: number };
}

/** What is needed to find out whose a function or a queue is. */
type Resources = {
  readonly lambda: Pick<Sandbox['aws']['lambda'], 'configurations'>;
  readonly secrets: Pick<Sandbox['aws']['secrets'], 'valueOf'>;
};

/** Returns the id of the bot whose token a function has, or whose queue it fills; undefined for any other function. */
export function botOfFunction(
  aws: Resources,
  { environment, location = HOME }: FunctionConfiguration,
): number | undefined {
  const { [TOKEN_SECRET]: secret, [QUEUE_URL]: queueUrl } = environment;
  if (!secret) return queueUrl ? botOfQueue(aws, queueUrl) : undefined;
  const place = secret.startsWith('arn:') ? locationOf(secret) : location;
  const [, id] = /(\d+):/.exec(aws.secrets.valueOf(secret, place) ?? '') ?? [];
  return id === undefined ? undefined : Number(id);
}

/** Returns the id of the bot that a queue leads to. */
export function botOfQueue(aws: Resources, queueUrl: string): number | undefined {
  const consumer = aws.lambda
    .configurations()
    .find(({ environment }) => environment[QUEUE_URL] === queueUrl && environment[TOKEN_SECRET]);
  return consumer && botOfFunction(aws, consumer);
}

/**
 * Finds the functions, queue and logs of each bot among the deployed resources. Outputs would not do: only a
 * `TelegramBotStack` has them.
 */
export function findLocalBots(
  { lambda, sqs }: Pick<Sandbox['aws'], 'lambda' | 'sqs'>,
  stacks: readonly StackState[],
  bots: readonly Bot[],
): LocalBot[] {
  const resources = stacks.flatMap((stack) => [...stack.resources.values()]);
  const functions = resources
    .filter(({ type, physicalId }) => type === 'AWS::Lambda::Function' && lambda.has(physicalId))
    .map(({ physicalId }) => lambda.configurationOf(physicalId));
  return bots.map((bot) => {
    const identity = resources.find(
      ({ type, physicalId }) => type === BOT_TYPE && physicalId === String(bot.id),
    );
    if (!identity) return { bot, logGroups: [] };
    const secret = identity.properties.TokenSecret;
    const ofBot = functions.filter(({ environment }) => environment[TOKEN_SECRET] === secret);
    const path = parentOf(identity.path);
    const check = resources
      .filter(({ type }) => type === 'AWS::Scheduler::Schedule')
      .flatMap(({ properties }) => checksOf(properties))
      .find(({ event }) => event.Bot === path);
    const url = ofBot.map(({ environment }) => environment[QUEUE_URL]).find(Boolean);
    const ingresses = functions.filter(
      ({ environment }) => url !== undefined && environment[QUEUE_URL] === url,
    );
    return {
      bot,
      path,
      logGroups: [...new Set([...ofBot, ...ingresses].map(logGroupOf))],
      ...(url && sqs.has(url) && { queue: describeQueue(sqs.queue(url)) }),
      ...(check && {
        diagnose: () => diagnose(lambda, check),
        runWatch: (at) => runWatch(lambda, check, at),
      }),
    };
  });
}

interface Target {
  readonly Arn: string;
  /** JSON. */
  readonly Input: string;
}

/** What the watch asks the registrar about a bot. */
interface Check {
  /** ARN of the registrar. */
  readonly registrar: string;
  readonly event: { readonly Bot?: string };
  /** What the schedule sends the registrar, with this bot only. */
  readonly round: object;
}

/** Returns what a schedule asks; nothing for text that is not JSON until the scheduler fills it in. */
function checksOf({ Target }: object & { Target?: unknown }): Check[] {
  const { Arn: registrar = '', Input = '' } = (Target ?? {}) as Partial<Target>;
  try {
    const { Checks, ...common } = JSON.parse(Input);
    if (!Array.isArray(Checks)) return [];
    return Checks.map((event) => ({ registrar, event, round: { ...common, Checks: [event] } }));
  } catch {
    return [];
  }
}

async function diagnose(
  lambda: Pick<Sandbox['aws']['lambda'], 'invoke'>,
  { registrar, event }: Check,
): Promise<Diagnosis> {
  const { payload, functionError } = await lambda.invoke(registrar, {
    ...event,
    Purpose: 'status',
  });
  if (functionError) throw new Error(`The registrar failed: ${payload}`);
  return JSON.parse(payload);
}

async function runWatch(
  lambda: Pick<Sandbox['aws']['lambda'], 'invoke'>,
  { registrar, round }: Check,
  at: number,
): Promise<void> {
  const input = fillIn(JSON.stringify(round), { 'scheduled-time': new Date(at).toISOString() });
  const { payload, functionError } = await lambda.invoke(registrar, JSON.parse(input));
  if (functionError) throw new Error(`The registrar failed: ${payload}`);
}

function describeQueue(updates: FifoQueue): BotQueue {
  const { name, redrive } = updates.configuration;
  const deadLetters = redrive && {
    arn: arnOf('sqs', redrive.deadLetters.configuration.name),
    queue: redrive.deadLetters,
  };
  return { arn: arnOf('sqs', name), updates, deadLetters };
}

function logGroupOf({ name, logGroup }: FunctionConfiguration): string {
  return logGroup ?? `/aws/lambda/${name}`;
}

/** Returns the path of the construct that contains a custom resource's. */
function parentOf(path: string | undefined): string | undefined {
  return path?.replace(/(\/(Resource|Default))+$/, '').replace(/\/[^/]+$/, '');
}
