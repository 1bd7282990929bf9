import { arnOf } from '../aws/account.ts';
import type { FunctionConfiguration } from '../aws/lambda/lambda.ts';
import type { FifoQueue } from '../aws/sqs/fifo-queue.ts';
import type { StackState } from '../cloudformation/cloudformation.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Bot } from '../telegram/bot.ts';
import { BOT_TYPE } from '../declared-bots.ts';

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
}

/** What the terminal shows of the registrar's report. */
export interface Diagnosis {
  readonly condition: string;
  readonly cause: string;
  readonly fix: string;
  readonly webhook?: { readonly host: string; readonly pendingUpdates: number };
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
    const schedule = resources.find(
      ({ type, properties }) =>
        type === 'AWS::Scheduler::Schedule' && checkOf(properties)?.Bot === path,
    );
    const url = ofBot.map(({ environment }) => environment[QUEUE_URL]).find(Boolean);
    const ingresses = functions.filter(
      ({ environment }) => url !== undefined && environment[QUEUE_URL] === url,
    );
    return {
      bot,
      path,
      logGroups: [...new Set([...ofBot, ...ingresses].map(logGroupOf))],
      ...(url && sqs.has(url) && { queue: describeQueue(sqs.queue(url)) }),
      ...(schedule && { diagnose: () => diagnose(lambda, schedule.properties) }),
    };
  });
}

interface Target {
  readonly Arn: string;
  /** JSON. */
  readonly Input: string;
}

/** Returns the event that a schedule sends; undefined for text that is not JSON until the scheduler fills it in. */
function checkOf({ Target }: object & { Target?: unknown }): { readonly Bot?: string } | undefined {
  const { Input = '' } = (Target ?? {}) as Partial<Target>;
  try {
    return JSON.parse(Input) ?? undefined;
  } catch {
    return undefined;
  }
}

async function diagnose(
  lambda: Pick<Sandbox['aws']['lambda'], 'invoke'>,
  properties: object & { Target?: unknown },
): Promise<Diagnosis> {
  const { Arn } = properties.Target as Target;
  const { payload, functionError } = await lambda.invoke(Arn, {
    ...checkOf(properties),
    Purpose: 'status',
  });
  if (functionError) throw new Error(`The registrar failed: ${payload}`);
  return JSON.parse(payload);
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
