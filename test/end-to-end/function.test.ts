import { Size, Stack } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { FunctionSettings } from '../../infra/settings/function.ts';
import { entry, secretName } from '../fixtures.ts';
import { Sandbox } from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { sharedTestBed } from './test-bed.ts';

/** A VPC that exists already. */
function imported(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['us-east-1a'],
    privateSubnetIds: ['subnet-1'],
  });
}

type Make = (stack: Stack) => FunctionSettings;

function stackWith(make: Make, delivery: Delivery) {
  const [artifact] = synthesized((app) => {
    const stack = new Stack(app, 'Kit');
    const token = Secret.fromSecretNameV2(stack, 'Token', secretName);
    const options = make(stack);
    new TelegramBot(stack, 'Bot', { entry, token, delivery, function: options });
  });
  if (!artifact) throw new Error('The app has no stack');
  return artifact;
}

describe('a bot whose function has options of its own', () => {
  const testBed = sharedTestBed();

  const inVpc: Make = (stack) => ({
    vpc: imported(stack),
    reservedConcurrentExecutions: 20,
    ephemeralStorageSize: Size.gibibytes(1),
    deadLetterQueue: Queue.fromQueueArn(
      stack,
      'Failed',
      'arn:aws:sqs:us-east-1:123456789012:failed',
    ),
    retryAttempts: 0,
  });

  it.each<[string, Make, Delivery]>([
    ['in a VPC', inVpc, Delivery.direct()],
    ['outside again', () => ({}), Delivery.direct()],
    ['in a VPC behind a queue', inVpc, Delivery.queued()],
  ])('answers %s', async (_, make, delivery) => {
    const { sandbox, ask } = testBed();
    const { status, reason } = await sandbox.cloudFormation.deploy(stackWith(make, delivery));
    expect([status, reason]).toEqual([expect.stringMatching(/_COMPLETE$/), undefined]);
    expect(status).not.toContain('ROLLBACK');
    expect((await ask('hello')).text).toBe('hello');
  });
});

it('npm start runs a bot in a VPC of the same app, which exists in name only', async () => {
  const notes: string[] = [];
  const sandbox = await Sandbox.start({
    mode: 'lenient',
    speed: 10,
    onNote: (text) => notes.push(text),
  });
  try {
    const [artifact] = synthesized((app) => {
      const stack = new Stack(app, 'Kit');
      const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
      const group = new SecurityGroup(stack, 'Database', { vpc });
      const token = Secret.fromSecretNameV2(stack, 'Token', secretName);
      const { bot } = new TelegramBot(stack, 'Bot', { entry, token, function: { vpc } });
      group.connections.allowFrom(bot, Port.POSTGRES);
    }, 'lenient');
    if (!artifact) throw new Error('The app has no stack');
    const [bot] = sandbox.provideBots(artifact);
    const { status, reason } = await sandbox.cloudFormation.deploy(artifact);
    expect([status, reason]).toEqual(['CREATE_COMPLETE', undefined]);
    expect(notes).toContain('Bot/Endpoint/Receiver: it runs outside its VPC here');
    const chat = sandbox.telegram.chat(bot?.id ?? 0, { id: 42, firstName: 'Ada' });
    chat.send('hello');
    expect((await chat.nextMessage()).text).toBe('hello');
  } finally {
    await sandbox.close();
  }
});
