import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../clock.ts';
import {
  failed,
  fakeCloudFormation,
  lines,
  reasons,
  serviceToken,
  stackOf,
  thing,
} from '../fakes.ts';

describe('the protocol of a custom resource', () => {
  it('sends exactly what CloudFormation sends, with every scalar as a string', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const properties = (size: number) => ({
      ServiceTimeout: 600,
      size,
      on: true,
      list: [1, false],
      empty: [],
      nested: { n: 1.5 },
    });
    const { stackId } = await cloudFormation.deploy(stackOf({ A: thing(properties(1)) }));
    await cloudFormation.deploy(stackOf({ A: thing(properties(2)) }));
    await cloudFormation.destroy('Stack');

    const sent = (size: string) => ({
      ServiceToken: serviceToken,
      ServiceTimeout: '600',
      size,
      on: 'true',
      list: ['1', 'false'],
      empty: [],
      nested: { n: '1.5' },
    });
    const always = {
      ServiceToken: serviceToken,
      ResponseURL: expect.stringMatching(/^https:/),
      StackId: stackId,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'A',
      ResourceType: 'Custom::Thing',
    };
    expect(aws.requests).toEqual([
      { ...always, RequestType: 'Create', ResourceProperties: sent('1') },
      {
        ...always,
        RequestType: 'Update',
        PhysicalResourceId: 'A-id',
        ResourceProperties: sent('2'),
        OldResourceProperties: sent('1'),
      },
      {
        ...always,
        RequestType: 'Delete',
        PhysicalResourceId: 'A-id',
        ResourceProperties: sent('2'),
      },
    ]);
    expect(new Set(aws.requests.map(({ RequestId }) => RequestId)).size).toBe(3);
  });

  it('masks the attributes of a NoEcho resource in outputs, and only there', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ LogicalResourceId }) => ({
      Data: { key: 'x' },
      NoEcho: LogicalResourceId === 'A',
    });
    const key = { 'Fn::GetAtt': ['A', 'key'] };
    const { outputs, resources } = await cloudFormation.deploy(
      stackOf(
        { A: thing(), B: thing({ key }) },
        { Outputs: { Key: { Value: key }, Text: { Value: { 'Fn::Sub': `\${A.key} \${B.key}` } } } },
      ),
    );
    expect(outputs).toEqual({ Key: '*****', Text: '***** x' });
    expect(resources.get('A')?.noEcho).toBe(true);
    expect(aws.requests.at(-1)?.ResourceProperties).toMatchObject({ key: 'x' });
  });

  it('turns attributes into strings', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = () => ({ Data: { count: 3, on: true } });
    const { outputs } = await cloudFormation.deploy(
      stackOf(
        { A: thing() },
        {
          Outputs: {
            Id: { Value: { Ref: 'A' } },
            Both: { Value: { 'Fn::Sub': `\${A.count} \${A.on}` } },
          },
        },
      ),
    );
    expect(outputs).toEqual({ Id: 'A-id', Both: '3 true' });
  });

  it('deletes a resource by a generated id when its create failed without one', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ RequestType }) =>
      RequestType === 'Create'
        ? {
            Status: 'FAILED',
            Reason: 'Invalid PhysicalResourceId',
            RequestId: undefined,
            PhysicalResourceId: undefined,
          }
        : {};
    const { reason } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(reason).toBe('Invalid PhysicalResourceId');
    expect(aws.requests[1]?.PhysicalResourceId).toMatch(/^Stack-A-\w{12}$/);
  });

  it('rejects an answer to another request', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? { RequestId: 'other' } : {});
    const { reason } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(reason).toBe("Invalid Response object: RequestId is not the request's");
  });

  it('fails immediately when the function does not exist', async () => {
    const { cloudFormation } = fakeCloudFormation();
    const { reason } = await cloudFormation.deploy(
      stackOf({ A: thing({ ServiceToken: 'arn:of:nothing' }) }),
    );
    expect(reason).toBe('Function not found: arn:of:nothing');
  });

  it('continues with the physical id in the answer of a failed update', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing({ size: 1 }) }));
    aws.handle = ({ ResourceProperties }) =>
      ResourceProperties.size === '2' ? { ...failed('no'), PhysicalResourceId: 'log-stream' } : {};
    await cloudFormation.deploy(stackOf({ A: thing({ size: 2 }) }));
    expect(aws.requests[2]).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'log-stream',
      ResourceProperties: { size: '1' },
    });
  });
});

describe('the delivery of a custom resource event', () => {
  it('retries after function errors, one minute and then two minutes later', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock });
    aws.handle = () => {
      if (aws.requests.length < 3) throw new Error('crash');
      return {};
    };
    const deployment = cloudFormation.deploy(stackOf({ A: thing() }));
    await settle();
    await clock.advance(59_999);
    expect(aws.requests).toHaveLength(1);
    await clock.advance(1);
    expect(aws.requests).toHaveLength(2);
    await clock.advance(120_000);
    expect((await deployment).status).toBe('CREATE_COMPLETE');
    expect(new Set(aws.requests.map(({ RequestId }) => RequestId)).size).toBe(1);
  });

  it('stops retrying after three function errors', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock });
    aws.handle = () => {
      throw new Error('crash');
    };
    void cloudFormation.deploy(stackOf({ A: thing() }));
    await settle();
    await clock.advance(3_000_000);
    expect(aws.requests).toHaveLength(3);
  });

  it('cancels retries and pending operations when CloudFormation is closed', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock });
    aws.handle = ({ LogicalResourceId }) => {
      if (LogicalResourceId === 'Crash') throw new Error('crash');
      return undefined;
    };
    const deployment = cloudFormation.deploy(stackOf({ Crash: thing(), Silent: thing() }));
    await settle();
    await cloudFormation.close();
    expect((await deployment).status).toBe('ROLLBACK_FAILED');
    expect(aws.log).toEqual(['Create Crash', 'Create Silent']);
    expect(clock.sleeping).toBe(0);
  });
});

describe('a CloudFormation that fails fast', () => {
  it('fails a resource as soon as its function fails, and does not deliver the event again', async () => {
    const clock = new ManualClock();
    const { aws, cloudFormation } = fakeCloudFormation({ clock, failsFast: true });
    aws.handle = ({ RequestType }) => {
      if (RequestType === 'Create') throw new TypeError('crash');
      return {};
    };
    const { status, reason } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect({ status, reason }).toEqual({
      status: 'ROLLBACK_COMPLETE',
      reason: 'The function handler failed, so it will not answer: TypeError: crash',
    });
    await clock.advance(3_600_000);
    expect(aws.log).toEqual(['Create A', 'Delete A']);
  });

  it('asks a function that could not be loaded for no delete', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({
      clock: new ManualClock(),
      failsFast: true,
    });
    aws.failsToLoad = true;
    const { status, reason } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect({ status, reason }).toEqual({
      status: 'ROLLBACK_COMPLETE',
      reason: 'The function handler could not be loaded, so it will not answer: Error: no module',
    });
    expect(lines(cloudFormation.events).filter((line) => line.startsWith('A DELETE'))).toEqual([]);
  });

  it('uses the answer of a function that fails afterwards', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({
      clock: new ManualClock(),
      failsFast: true,
    });
    aws.failsAfterAnswer = true;
    const { status } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(status).toBe('CREATE_COMPLETE');
  });
});

describe('injected faults', () => {
  it('fails an operation before it begins', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({
      intercept: ({ kind, logicalId }) =>
        kind === 'create' && logicalId === 'A' ? { failBefore: 'fault' } : undefined,
    });
    expect((await cloudFormation.deploy(stackOf({ A: thing() }))).reason).toBe('fault');
    expect(aws.requests).toEqual([]);
  });

  it('fails an operation after it was performed', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({
      intercept: ({ kind }) => (kind === 'create' ? { failAfter: 'fault' } : undefined),
    });
    await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(aws.log).toEqual(['Create A', 'Delete A']);
  });

  it('delays an operation, which can then be cancelled before it begins', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({
      async intercept({ logicalId }) {
        if (logicalId === 'Held') await settle();
        return undefined;
      },
    });
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? failed('no') : {});
    await cloudFormation.deploy(stackOf({ Held: thing(), Bad: thing() }));
    expect(aws.log).toEqual(['Create Bad', 'Delete Bad']);
    expect(reasons(cloudFormation.events, 'Held')).toContain('Resource creation cancelled');
  });

  it('delivers an event twice and uses the first answer', async () => {
    const { aws, cloudFormation } = fakeCloudFormation({ intercept: () => ({ deliveries: 2 }) });
    aws.handle = () => ({ PhysicalResourceId: `id-${aws.requests.length}` });
    const { resources } = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(aws.requests).toHaveLength(2);
    expect(aws.requests[0]).toEqual(aws.requests[1]);
    expect(resources.get('A')?.physicalId).toBe('id-1');
  });
});
