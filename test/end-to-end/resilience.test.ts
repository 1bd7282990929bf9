import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import type { StackArtifact } from '../sandbox/cloudformation/assembly.ts';
import { kitStack, secretName, synthesized } from './app.ts';
import { newStage, type Stage } from './stage.ts';

const stage = newStage();

describe('an event that comes twice', () => {
  it('does to the webhook what it does once, and drops no update a second time', async () => {
    const { sandbox, ask } = stage();
    sandbox.cloudFormation.intercept = () => ({ deliveries: 2 });
    const state = await sandbox.cloudFormation.deploy(kitStack({ dropPendingUpdates: true }));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect(webhookHost()).toBe(state.outputs.EndpointHost);
    expect((await ask('once?')).text).toBe('once?');

    expect((await sandbox.cloudFormation.deploy(kitStack({ maxConnections: 3 }))).status).toBe(
      'UPDATE_COMPLETE',
    );
    expect((await ask('and now?')).text).toBe('and now?');
    // The second delivery may still be at work, and would set what the destroy has removed.
    await sandbox.aws.lambda.quiet();
    expect((await sandbox.cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(webhookHost()).toBeUndefined();
  });
});

describe('a connection to the registrar that breaks after it has done its work', () => {
  it('has it asked once more, which does nothing again, and the updates of the meantime are not dropped', async () => {
    const { sandbox, bot } = stage();
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Meanwhile' });
    let broken = 0;
    sandbox.aws.lambda.breaksConnection = () => {
      if (!webhookHost() || broken > 0) return false;
      broken += 1;
      chat.send('lost?');
      return true;
    };
    const state = await sandbox.cloudFormation.deploy(kitStack({ dropPendingUpdates: true }));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect(broken).toBe(1);
    expect(drops(stage())).toEqual(['true']);
    expect((await chat.nextMessage(AbortSignal.timeout(10_000))).text).toBe('lost?');
  });
});

describe('a create that CloudFormation cancels, because something beside it has failed,', () => {
  it('leaves no webhook, even when it sets it after CloudFormation has looked', async () => {
    const { sandbox, bot } = stage();
    const { calls } = sandbox.telegram;
    let cancel = () => {};
    const isBusy = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    sandbox.telegram.intercept = ({ method, parameters }) => {
      if (method !== 'setWebhook' || parameters.text('url') === '') return undefined;
      cancel();
      const looks = calls.filter((call) => call.method === 'getWebhookInfo').length;
      return looks > 1 ? undefined : { kind: 'answer', status: 502, body: 'Bad Gateway' };
    };
    sandbox.cloudFormation.intercept = async ({ logicalId }) => {
      if (!logicalId.startsWith('Beside')) return undefined;
      await isBusy;
      return { failBefore: 'No more log groups' };
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

function stackWithMore(): StackArtifact {
  const [artifact] = synthesized((app) => {
    const stack = new Stack(app, 'Kit');
    const token = Secret.fromSecretNameV2(stack, 'Token', secretName);
    new TelegramBot(stack, 'Bot', { token });
    new LogGroup(stack, 'Beside', { removalPolicy: RemovalPolicy.DESTROY });
  });
  return artifact as StackArtifact;
}

/** `drop_pending_updates` of every setWebhook so far. */
function drops({ sandbox }: Stage): string[] {
  return sandbox.telegram.calls
    .filter(({ method }) => method === 'setWebhook')
    .map(({ parameters }) => parameters.text('drop_pending_updates'));
}

function webhookHost(): string | undefined {
  const { sandbox, bot } = stage();
  const url = sandbox.telegram.webhook(bot.id)?.url;
  return url && new URL(url).host;
}
