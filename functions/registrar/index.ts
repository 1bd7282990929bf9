import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { readBotToken } from '../bot-token/read.ts';
import { BotApi } from '../telegram/client.ts';
import { invoke } from './bot/readiness.ts';
import type { ResourceEvent, ResourceResponse } from './event.ts';
import { handleEvent } from './handler.ts';
import { idempotent } from './idempotency.ts';
import { readStackStatus } from './rollback.ts';
import { getSecretWithSdk } from './secret-with-sdk.ts';
import type { Services } from './services.ts';
import { postUpdate } from './webhook/probe.ts';

const services: Services = {
  readToken: (secretId) => readBotToken(secretId, getSecretWithSdk),
  botApi: (token, { apiRoot, environment }) => new BotApi({ token, apiRoot, environment }),
  post: postUpdate,
  invoke,
  stackStatus: readStackStatus,
  clock: { now: Date.now, sleep, random: Math.random },
  log: console,
};

/** The Lambda handler behind the stack's custom resources. */
export const handler = idempotent(
  (event: ResourceEvent, context: Context): Promise<ResourceResponse> =>
    handleEvent(event, context.getRemainingTimeInMillis(), services),
);
