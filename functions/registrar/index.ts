import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import type { WatchReport, WatchRequest } from '../contract.ts';
import { BotApi } from '../telegram/client.ts';
import { invoke } from './bot/readiness.ts';
import type { ResourceEvent, ResourceResponse } from './event.ts';
import { handleEvent } from './handler.ts';
import { idempotent } from './idempotency.ts';
import { getObject } from './profile/get-object.ts';
import { describeStack } from './stack.ts';
import { readTokenAsReader } from './token-reader.ts';
import { handleAlert } from './watch/alert.ts';
import { handleRound } from './watch/round.ts';
import { handleWatch, type WatchServices } from './watch/watch.ts';
import { postUpdate } from './webhook/probe.ts';

const services: WatchServices = {
  readToken: readTokenAsReader,
  botApi: (token, { apiRoot, environment }) => new BotApi({ token, apiRoot, environment }),
  post: postUpdate,
  invoke,
  describeStack,
  getObject,
  rations: new Map(),
  clock: { now: Date.now, sleep, random: Math.random },
  log: console,
  writeMetric: (line) => void process.stdout.write(`${line}\n`),
};

const handleResource = idempotent((event: ResourceEvent, timeLeftMs: number) =>
  handleEvent(event, timeLeftMs, services),
);

/** The Lambda handler behind the stack's custom resources, the watch and its alerts. */
export async function handler(
  event: ResourceEvent | WatchRequest,
  context: Context,
): Promise<ResourceResponse | WatchReport | undefined> {
  const timeLeftMs = context.getRemainingTimeInMillis();
  switch (event.RequestType) {
    case 'WatchRound':
      await handleRound(event, timeLeftMs, services);
      return undefined;
    case 'Watch':
      return handleWatch(event, timeLeftMs, services);
    case 'Alert':
      await handleAlert(event, timeLeftMs, services);
      return undefined;
    default:
      return handleResource(event, timeLeftMs);
  }
}
