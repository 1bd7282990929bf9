import { createHash } from 'node:crypto';
import { Environment } from '../../functions/contract.ts';
import { BOT_ID, WEBHOOK_SECRET } from './events.ts';
import { type BenchServers, TOKEN } from './servers.ts';

/** Returns the whole environment of a measured process: what Lambda and the kit's stack set, and what peers read. */
export function environmentFor(
  servers: BenchServers,
  { queued }: { queued: boolean },
): Record<string, string> {
  const botInfo = { id: BOT_ID, is_bot: true, first_name: 'Bench', username: 'bench_bot' };
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'FAKE',
    AWS_SECRET_ACCESS_KEY: 'FAKE',
    AWS_SESSION_TOKEN: 'FAKE',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.origin('secretsManager'),
    NODE_EXTRA_CA_CERTS: servers.certificateFile,
    [Environment.webhookSecretSha256]: createHash('sha256').update(WEBHOOK_SECRET).digest('hex'),
    [Environment.tokenSecret]: 'bench',
    [Environment.botInfo]: JSON.stringify(botInfo),
    [Environment.apiRoot]: servers.origin('botApi'),
    ...(queued && {
      [Environment.botId]: String(BOT_ID),
      [Environment.maxAttempts]: '8',
      [Environment.updateQueueUrl]: `${servers.origin('sqs')}/123456789012/Updates.fifo`,
    }),
    // Peers take both from the environment.
    BOT_TOKEN: TOKEN,
    WEBHOOK_SECRET,
  };
}
