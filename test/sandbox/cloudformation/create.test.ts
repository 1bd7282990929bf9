import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../clock.ts';
import { failed, fakeCloudFormation, lines, reasons, stackOf, thing } from './fakes.ts';

describe('creating a stack', () => {
  it('creates a resource after everything it refers to or depends on', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const state = await cloudFormation.deploy(
      stackOf({
        Last: thing({ of: { 'Fn::Sub': `\${Middle.name}` } }),
        Middle: thing({ name: 'm' }, { DependsOn: ['First'] }),
        First: thing(),
      }),
    );
    expect(state.status).toBe('CREATE_COMPLETE');
    expect(aws.log).toEqual(['Create First', 'Create Middle', 'Create Last']);
    expect(aws.requests[2]?.ResourceProperties.of).toBe('m');
  });

  it('reports each step as CloudFormation does', async () => {
    const { cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(
      stackOf({ A: thing({}, { Metadata: { 'aws:cdk:path': 'Stack/A/Default' } }) }),
    );
    expect(lines(cloudFormation.events)).toEqual([
      'Stack CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS',
      'A CREATE_COMPLETE',
      'Stack CREATE_COMPLETE',
    ]);
    expect(reasons(cloudFormation.events, 'A')[1]).toBe('Resource creation Initiated');
    expect(cloudFormation.events[3]).toMatchObject({
      stackName: 'Stack',
      physicalId: 'A-id',
      type: 'Custom::Thing',
      path: 'Stack/A/Default',
    });
  });

  it('creates independent resources at the same time', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    aws.handle = async () => {
      if (aws.requests.length === 2) release();
      await both;
      return {};
    };
    const state = await cloudFormation.deploy(stackOf({ A: thing(), B: thing() }));
    expect(state.status).toBe('CREATE_COMPLETE');
  });

  it('resolves outputs against the resources', async () => {
    const { cloudFormation } = fakeCloudFormation();
    const { outputs } = await cloudFormation.deploy(
      stackOf(
        { A: thing({ name: 'x' }) },
        { Outputs: { Name: { Value: { 'Fn::GetAtt': ['A', 'name'] } } } },
      ),
    );
    expect(outputs).toEqual({ Name: 'x' });
  });

  it('leaves out resources and outputs whose condition does not hold', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const state = await cloudFormation.deploy(
      stackOf(
        {
          A: thing({}, { Condition: 'Never' }),
          B: thing({ a: { 'Fn::If': ['Never', { Ref: 'A' }, 'none'] } }, { DependsOn: 'A' }),
        },
        {
          Conditions: { Never: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'nowhere'] } },
          Outputs: { A: { Value: { Ref: 'A' }, Condition: 'Never' } },
        },
      ),
    );
    expect(aws.log).toEqual(['Create B']);
    expect(aws.requests[0]?.ResourceProperties.a).toBe('none');
    expect(state.outputs).toEqual({});
  });
});

describe('a create that fails', () => {
  it('deletes what was created, in reverse order, and reports the reason', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ LogicalResourceId, RequestType }) =>
      LogicalResourceId === 'C' && RequestType === 'Create'
        ? { ...failed('no luck'), PhysicalResourceId: 'marker' }
        : {};
    const state = await cloudFormation.deploy(
      stackOf({ A: thing(), B: thing({}, { DependsOn: 'A' }), C: thing({}, { DependsOn: 'B' }) }),
    );
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(state.reason).toMatch(
      /^Received response status \[FAILED\] from custom resource\. Message returned: no luck \(RequestId: [0-9a-f-]{36}\)$/,
    );
    expect(state.resources.size).toBe(0);
    expect(aws.log.slice(3)).toEqual(['Delete C', 'Delete B', 'Delete A']);
    expect(aws.requests[3]?.PhysicalResourceId).toBe('marker');
    expect(reasons(cloudFormation.events, 'Stack')[1]).toBe(
      'The following resource(s) failed to create: [C]. Rollback requested by user.',
    );
  });

  it('stops waiting for a resource in progress and deletes it by a generated id', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = async ({ LogicalResourceId, RequestType }) => {
      if (RequestType === 'Delete') return {};
      await settle();
      return LogicalResourceId === 'Slow' ? undefined : failed('no luck');
    };
    const state = await cloudFormation.deploy(stackOf({ Slow: thing(), Bad: thing() }));
    expect(state.reason).not.toContain('cancelled');
    expect(reasons(cloudFormation.events, 'Slow')).toContain('Resource creation cancelled');
    const deletion = aws.requests.find(
      (event) => event.RequestType === 'Delete' && event.LogicalResourceId === 'Slow',
    );
    expect(deletion?.PhysicalResourceId).toMatch(/^Stack-Slow-\w{12}$/);
    expect(state.status).toBe('ROLLBACK_COMPLETE');
  });

  it('starts no further resource once one has failed', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = async ({ LogicalResourceId, RequestType }) => {
      if (LogicalResourceId === 'Bad' && RequestType === 'Create') return failed('no');
      await settle();
      return {};
    };
    await cloudFormation.deploy(
      stackOf({ Bad: thing(), Good: thing(), Next: thing({}, { DependsOn: 'Good' }) }),
    );
    expect(aws.log).not.toContain('Create Next');
  });

  it('keeps resources with the policy Retain, but not those with RetainExceptOnCreate', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ LogicalResourceId, RequestType }) =>
      LogicalResourceId === 'Bad' && RequestType === 'Create' ? failed('no') : {};
    await cloudFormation.deploy(
      stackOf({
        Kept: thing({}, { DeletionPolicy: 'Retain' }),
        Gone: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Bad: thing({}, { DependsOn: ['Kept', 'Gone'] }),
      }),
    );
    expect(aws.log).toContain('Delete Gone');
    expect(aws.log).not.toContain('Delete Kept');
    expect(lines(cloudFormation.events)).toContain('Kept DELETE_SKIPPED');
  });

  it('ends in ROLLBACK_FAILED when a delete fails too, and can then be destroyed', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ LogicalResourceId }) => (LogicalResourceId === 'Bad' ? failed('no') : {});
    const state = await cloudFormation.deploy(
      stackOf({ A: thing(), Bad: thing({}, { DependsOn: 'A' }) }),
    );
    expect(state.status).toBe('ROLLBACK_FAILED');
    expect([...state.resources.keys()]).toEqual(['A', 'Bad']);
    aws.handle = () => ({});
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
  });

  it('rejects another deploy until the stack is deleted', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? failed('no') : {});
    const { stackId } = await cloudFormation.deploy(stackOf({ A: thing() }));
    await expect(cloudFormation.deploy(stackOf({ A: thing() }))).rejects.toThrow(
      `Stack:${stackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    );
    await cloudFormation.destroy('Stack');
    aws.handle = () => ({});
    expect((await cloudFormation.deploy(stackOf({ A: thing() }))).status).toBe('CREATE_COMPLETE');
  });

  it('fails a resource that uses an attribute missing from the answer', async () => {
    const { cloudFormation } = fakeCloudFormation();
    const { status, reason, stackId } = await cloudFormation.deploy(
      stackOf({ A: thing(), B: thing({ of: { 'Fn::GetAtt': ['A', 'Nothing'] } }) }),
    );
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toContain(
      `CustomResource attribute error: Vendor response doesn't contain Nothing attribute in object ${stackId}|A|`,
    );
  });

  it('rolls back when an output cannot be resolved', async () => {
    const { cloudFormation } = fakeCloudFormation();
    const state = await cloudFormation.deploy(
      stackOf({ A: thing() }, { Outputs: { X: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } } }),
    );
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(state.reason).toContain("doesn't contain Nothing attribute");
  });
});

describe('the timeout of a custom resource', () => {
  it('fails a resource that has no answer within its ServiceTimeout', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock });
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? undefined : {});
    const deployment = cloudFormation.deploy(stackOf({ A: thing({ ServiceTimeout: '90' }) }));
    await settle();
    await clock.advance(89_999);
    expect(cloudFormation.describe('Stack')?.status).toBe('CREATE_IN_PROGRESS');
    await clock.advance(1);
    const { reason } = await deployment;
    expect(reason).toBe(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${aws.requests[0]?.RequestId}].`,
    );
    expect(aws.requests[1]).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^Stack-A-/),
    });
  });

  it('waits an hour when there is no ServiceTimeout', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock });
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? undefined : {});
    const deployment = cloudFormation.deploy(stackOf({ A: thing() }));
    await settle();
    await clock.advance(3_599_999);
    expect(cloudFormation.describe('Stack')?.status).toBe('CREATE_IN_PROGRESS');
    await clock.advance(1);
    expect((await deployment).status).toBe('ROLLBACK_COMPLETE');
  });
});
