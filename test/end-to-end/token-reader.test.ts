import { describe, expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { secretName } from '../fixtures.ts';
import { parseTemplate, type StackArtifact } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { addBot, newTestBed } from './test-bed.ts';

const testBed = newTestBed();
const entry = 'test/bots/calls-the-api.ts';
const other = { id: 7_000_000_002, username: 'other_bot', secret: 'telegram/test/other-token' };
const webhook = (botId = testBed().bot.id) => testBed().sandbox.telegram.webhook(botId);

describe.each([
  ['direct', Delivery.direct(), 'BotEndpointReceiverLoggingRole'],
  ['queued', Delivery.queued(), 'BotQueueBotLoggingRole'],
])('a stack of a version without token readers, with %s delivery', (_, delivery, role) => {
  it('gets readers without a moment in which the bot lacks its rights, and can be destroyed', async () => {
    const { sandbox, ask } = testBed();
    const { aws, cloudFormation } = sandbox;
    const artifact = kitStack({ delivery, entry });
    const previous = await cloudFormation.deploy(withPolicies(artifact));
    expect(previous.status).toBe('CREATE_COMPLETE');
    expect((await ask('before?')).text).toBe('before?');

    const [botRole] = [...previous.resources].flatMap(([id, { type, physicalId }]) =>
      type === 'AWS::IAM::Role' && id.startsWith(role) ? [physicalId] : [],
    );
    const roleArn = `arn:aws:iam::${aws.account}:role/${botRole}`;
    const secretArn = aws.secrets.put(secretName, testBed().bot.token).arn;
    const operations: string[] = [];
    cloudFormation.intercept = ({ kind, logicalId }) => {
      const may = aws.iam.allows(roleArn, 'secretsmanager:GetSecretValue', secretArn);
      operations.push(`${kind} ${logicalId}${may ? '' : ', and the bot may not read its token'}`);
      return undefined;
    };
    const state = await cloudFormation.deploy(artifact);
    cloudFormation.intercept = undefined;
    expect(state.status, state.reason).toBe('UPDATE_COMPLETE');
    expect(operations.filter((operation) => /may not/.test(operation))).toEqual([]);
    expect(operations.findIndex((operation) => /^delete .*Policy/.test(operation))).toBeGreaterThan(
      operations.findIndex((operation) => /^update BotRegistration/.test(operation)),
    );
    expect((await ask('after?')).text).toBe('after?');
    const removed = [...previous.resources.keys()].filter((id) => !state.resources.has(id));
    expect(removed.every((id) => id.endsWith('Policy'))).toBe(true);
    expect(removed.length).toBeGreaterThan(0);

    expect((await cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(webhook()).toBeUndefined();
  });
});

it("removes the previous bot's webhook with the registrar's own role when the secret changes too", async () => {
  const { sandbox } = testBed();
  const latter = addBot(sandbox, other);
  await sandbox.cloudFormation.deploy(withPolicies(kitStack({ entry })));
  expect(webhook()).toBeDefined();
  const artifact = kitStack({ entry }, { botTokenSecret: other.secret });
  const state = await sandbox.cloudFormation.deploy(artifact);
  expect(state.status, state.reason).toBe('UPDATE_COMPLETE');
  expect(webhook()).toBeUndefined();
  expect((await latter.ask('and you?')).text).toBe('and you?');
});

it('is rolled back to the shape before, and the bot still answers', async () => {
  const { sandbox, ask } = testBed();
  const { cloudFormation } = sandbox;
  const artifact = kitStack({ entry });
  await cloudFormation.deploy(withPolicies(artifact));
  cloudFormation.intercept = ({ logicalId }) => {
    if (!logicalId.startsWith('BotRegistration')) return undefined;
    // Only the update fails, not the rollback.
    cloudFormation.intercept = undefined;
    return { failAfter: 'Injected fault' };
  };
  expect((await cloudFormation.deploy(artifact)).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await ask('still there?')).text).toBe('still there?');
  expect((await cloudFormation.deploy(artifact)).status).toBe('UPDATE_COMPLETE');
  expect((await cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
  expect(webhook()).toBeUndefined();
});

interface Definition {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn: string[];
}

interface Role {
  readonly AssumeRolePolicyDocument: {
    readonly Statement: readonly [{ readonly Principal: { readonly AWS?: unknown } }];
  };
  readonly Policies?: readonly { readonly PolicyDocument: unknown }[];
}

/**
 * Returns the stack as versions without token readers built it: policies of their own let the registrar read each token,
 * and give functions their rights.
 */
function withPolicies(artifact: StackArtifact): StackArtifact {
  const template = JSON.parse(JSON.stringify(artifact.template));
  const resources: Record<string, Definition> = template.Resources;
  const roleIds = Object.keys(resources).filter((id) => resources[id]?.Type === 'AWS::IAM::Role');
  for (const id of roleIds) {
    const properties = (resources[id] as Definition).Properties;
    const { AssumeRolePolicyDocument: trust, Policies } = properties as never as Role;
    const [rights] = Policies ?? [];
    if (!rights) continue;
    const policy = `${id}Policy`;
    const principal = trust.Statement[0].Principal.AWS as { 'Fn::GetAtt': [string] } | undefined;
    const role = principal ? principal['Fn::GetAtt'][0] : id;
    resources[policy] = {
      Type: 'AWS::IAM::Policy',
      Properties: { ...rights, PolicyName: policy, Roles: [{ Ref: role }] },
      DependsOn: [],
    };
    if (principal) delete resources[id];
    else delete properties.Policies;
    for (const { DependsOn, Properties } of Object.values(resources)) {
      if (JSON.stringify(Properties.TokenReader)?.includes(id)) delete Properties.TokenReader;
      if (DependsOn.includes(id)) DependsOn.push(policy);
      if (principal && DependsOn.includes(id)) DependsOn.splice(DependsOn.indexOf(id), 1);
    }
  }
  const readers = roleIds.filter((id) => !resources[id]);
  // What is left of the readers is in the events of the watch, where an empty text is as good as none.
  const text = readers.reduce(
    (json, id) => json.replaceAll(JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }), '""'),
    JSON.stringify(template),
  );
  return { ...artifact, template: parseTemplate(JSON.parse(text)) };
}
