import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import type { TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';
import { entry, secretName } from '../fixtures.ts';
import { refusal, type StackArtifact, tooManyRequests } from '../sandbox/index.ts';
import { kitStack, synthesized } from './app.ts';
import { newTestBed, type TestBed } from './test-bed.ts';

describe('an event that is delivered twice', () => {
  const testBed = newTestBed();

  it('affects the webhook as if delivered once, and drops pending updates only once', async () => {
    const { sandbox, ask } = testBed();
    sandbox.cloudFormation.intercept = () => ({ deliveries: 2 });
    const state = await sandbox.cloudFormation.deploy(kitStack({ dropPendingUpdates: true }));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect(webhookHost(testBed())).toBe(state.outputs.EndpointHost);
    expect((await ask('once?')).text).toBe('once?');

    expect((await sandbox.cloudFormation.deploy(kitStack({ maxConnections: 3 }))).status).toBe(
      'UPDATE_COMPLETE',
    );
    expect((await ask('and now?')).text).toBe('and now?');
    // The second delivery may still be running, and would set what the destroy has removed.
    await sandbox.aws.lambda.quiet();
    expect((await sandbox.cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(webhookHost(testBed())).toBeUndefined();
  });
});

describe('a connection to the registrar that breaks after the work is done', () => {
  const testBed = newTestBed();

  it('leads to a repeated request, which changes nothing and drops no newer update', async () => {
    const { sandbox, bot } = testBed();
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Interim' });
    let broken = 0;
    sandbox.aws.lambda.breaksConnection = () => {
      if (!webhookHost(testBed()) || broken > 0) return false;
      broken += 1;
      chat.send('lost?');
      return true;
    };
    const state = await sandbox.cloudFormation.deploy(kitStack({ dropPendingUpdates: true }));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect(broken).toBe(1);
    expect(drops(testBed())).toEqual(['true']);
    expect((await chat.nextMessage()).text).toBe('lost?');
  });
});

describe('a create that CloudFormation cancels because another resource has failed', () => {
  const testBed = newTestBed({ waits: true });

  it('leaves no webhook, even when it sets one after the delete has looked for it', async () => {
    const { sandbox, bot } = testBed();
    const { calls } = sandbox.telegram;
    const cancel = failBesideOn(sandbox);
    sandbox.telegram.intercept = ({ method, parameters }) => {
      if (method !== 'setWebhook' || parameters.text('url') === '') return undefined;
      cancel();
      const looks = calls.filter((call) => call.method === 'getWebhookInfo').length;
      return looks > 1 ? undefined : { kind: 'answer', status: 502, body: 'Bad Gateway' };
    };
    const state = await sandbox.cloudFormation.deploy(stackWithMore());
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    const set = calls.filter(
      ({ answer }) => answer?.ok && answer.description === 'Webhook was set',
    );
    expect(set.length, 'the create went on').toBe(1);
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
  });
});

describe('an update that CloudFormation cancels because another resource has failed', () => {
  const testBed = newTestBed({ waits: true });

  it('does not undo the rollback, even when it sets the webhook after the rollback starts', async () => {
    const { sandbox, bot, ask } = testBed();
    const { calls } = sandbox.telegram;
    await sandbox.cloudFormation.deploy(kitStack({}));
    const before = sandbox.telegram.webhook(bot.id);
    const cancel = failBesideOn(sandbox);
    let isCancelled = false;
    let lookedAt = Number.POSITIVE_INFINITY;
    sandbox.telegram.intercept = ({ method, parameters }) => {
      if (method === 'getWebhookInfo' && isCancelled) {
        lookedAt = Math.min(lookedAt, sandbox.clock.now());
      }
      if (method !== 'setWebhook' || parameters.text('max_connections') !== '3') return undefined;
      isCancelled = true;
      cancel();
      // Long enough for the rollback to set its own webhook, if it did not wait.
      return sandbox.clock.now() > lookedAt + 12_000 ? undefined : refusal(tooManyRequests(1));
    };
    const state = await sandbox.cloudFormation.deploy(stackWithMore({ maxConnections: 3 }));
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await sandbox.aws.lambda.quiet();
    const set = calls.filter(
      ({ answer }) => answer?.ok && answer.description?.startsWith('Webhook '),
    );
    expect(
      set.map(({ parameters }) => parameters.text('max_connections')),
      'the update went on',
    ).toEqual(['40', '3', '40']);
    expect(sandbox.telegram.webhook(bot.id)).toEqual(before);
    expect((await ask('as before?')).text).toBe('as before?');
  });
});

/** Makes the resource beside the bot fail once the returned function is called. */
function failBesideOn({ cloudFormation }: TestBed['sandbox']): () => void {
  let fail = () => {};
  const isDue = new Promise<void>((resolve) => {
    fail = resolve;
  });
  cloudFormation.intercept = async ({ logicalId }) => {
    if (!logicalId.startsWith('Beside')) return undefined;
    await isDue;
    return { failBefore: 'No more log groups' };
  };
  return fail;
}

function stackWithMore(bot: Omit<TelegramBotProps, 'token'> = {}): StackArtifact {
  const [artifact] = synthesized((app) => {
    const stack = new TelegramBotStack(app, 'Kit', {
      botTokenSecret: secretName,
      bot: { entry, ...bot },
    });
    new LogGroup(stack, 'Beside', { removalPolicy: RemovalPolicy.DESTROY });
  });
  return artifact as StackArtifact;
}

/** Returns `drop_pending_updates` of every setWebhook call so far. */
function drops({ sandbox }: TestBed): string[] {
  return sandbox.telegram.calls
    .filter(({ method }) => method === 'setWebhook')
    .map(({ parameters }) => parameters.text('drop_pending_updates'));
}

function webhookHost({ sandbox, bot }: TestBed): string | undefined {
  const url = sandbox.telegram.webhook(bot.id)?.url;
  return url && new URL(url).host;
}
