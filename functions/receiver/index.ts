import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Environment } from '../contract.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { receiveRequest } from './receive.ts';
import { SHA256_HEX } from './webhook-secret.ts';

export type { Update } from '@grammyjs/types';
export type { BotApiCall, OnUpdate, Reply } from './bot-api-call.ts';
export { botToken, remembered } from './bot-token.ts';
export { apiRoot, botInfo } from './environment.ts';

/** The Lambda handler that lets Telegram's updates, and nobody else's, through to `onUpdate`. */
export function receive(
  onUpdate: OnUpdate,
): (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> {
  const receiver = { secretSha256: configuredSecretSha256(), onUpdate, log };
  return (event) => receiveRequest(event, receiver);
}

/** Checked once, as the code loads: a stranger cannot make a broken receiver write line after line. */
function configuredSecretSha256(): string | undefined {
  const value = process.env[Environment.webhookSecretSha256];
  if (value && SHA256_HEX.test(value)) return value;
  log({
    event: 'receiver.misconfigured',
    variable: Environment.webhookSecretSha256,
    problem: value ? 'not a SHA-256 in lower-case hexadecimal' : 'not set',
    effect: 'every request is refused with 401',
  });
  return undefined;
}

/**
 * The object itself, not its JSON: under Lambda's JSON log format it becomes `message`, whose fields
 * CloudWatch Logs Insights can query (`message.updateId`); a string would arrive as escaped text.
 */
function log(facts: object): void {
  console.error(facts);
}
