import { describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import {
  type FakeHandler,
  failed,
  fakeCloudFormation,
  lines,
  reasons,
  stackOf,
  thing,
} from './fakes.ts';

/** Handles a resource that is replaced whenever its `name` changes. */
const namedThing: FakeHandler = ({ RequestType, ResourceProperties, PhysicalResourceId }) => ({
  PhysicalResourceId:
    RequestType === 'Delete' ? PhysicalResourceId : String(ResourceProperties.name),
});

describe('updating a stack', () => {
  it('updates only resources that have changed', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing({ size: 1 }), B: thing({ size: 1 }) }));
    const state = await cloudFormation.deploy(
      stackOf({ A: thing({ size: 1 }, { DeletionPolicy: 'Retain' }), B: thing({ size: 2 }) }),
    );
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(aws.log.slice(2)).toEqual(['Update B']);
    expect(lines(cloudFormation.events).slice(-5)).toEqual([
      'Stack UPDATE_IN_PROGRESS',
      'B UPDATE_IN_PROGRESS',
      'B UPDATE_COMPLETE',
      'Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Stack UPDATE_COMPLETE',
    ]);
  });

  it('does nothing when the template is the same', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing() }));
    const state = await cloudFormation.deploy(stackOf({ A: thing() }));
    expect(state).toMatchObject({
      status: 'CREATE_COMPLETE',
      reason: 'No updates are to be performed.',
    });
    expect(aws.log).toEqual(['Create A']);
  });

  it('updates the resources that use a changed attribute, and no others', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const resources = (size: number) => ({
      A: thing({ size, colour: 'red' }),
      OfSize: thing({ of: { 'Fn::GetAtt': ['A', 'size'] } }),
      OfColour: thing({ of: { 'Fn::GetAtt': ['A', 'colour'] } }),
    });
    await cloudFormation.deploy(stackOf(resources(1)));
    await cloudFormation.deploy(stackOf(resources(2)));
    expect(aws.log.slice(3)).toEqual(['Update A', 'Update OfSize']);
    expect(aws.requests[4]).toMatchObject({
      ResourceProperties: { of: '2' },
      OldResourceProperties: { of: '1' },
    });
  });

  it('deletes removed and replaced resources last, in reverse order', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = namedThing;
    await cloudFormation.deploy(
      stackOf({
        Base: thing({ name: 'base-1' }),
        Removed: thing({ name: 'removed', on: { Ref: 'Base' } }),
      }),
    );
    const { resources } = await cloudFormation.deploy(
      stackOf({ Base: thing({ name: 'base-2' }), New: thing({ name: 'new' }) }),
    );
    expect([...resources.values()].map(({ physicalId }) => physicalId)).toEqual(['base-2', 'new']);
    const deletions = aws.requests.filter(({ RequestType }) => RequestType === 'Delete');
    expect(
      deletions.map((event) => [event.PhysicalResourceId, event.ResourceProperties.name]),
    ).toEqual([
      ['removed', 'removed'],
      ['base-1', 'base-1'],
    ]);
    expect(lines(cloudFormation.events).indexOf('Removed DELETE_IN_PROGRESS')).toBeGreaterThan(
      lines(cloudFormation.events).indexOf('Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'),
    );
  });

  it('tries a clean-up delete three times, then abandons it and succeeds', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(
      stackOf({ A: thing(), B: thing({}, { DependsOn: 'A' }), C: thing() }),
    );
    aws.handle = ({ LogicalResourceId }) => (LogicalResourceId === 'B' ? failed('no') : {});
    const state = await cloudFormation.deploy(stackOf({ C: thing() }));
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect([...state.resources.keys()]).toEqual(['C']);
    expect(aws.log.slice(3)).toEqual(['Delete B', 'Delete B', 'Delete B', 'Delete A']);
    expect(reasons(cloudFormation.events, 'Stack').at(-1)).toBe(
      'Update successful. One or more resources could not be deleted.',
    );
  });

  it('keeps removed and replaced resources that their policy retains', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = namedThing;
    await cloudFormation.deploy(
      stackOf({
        Removed: thing({ name: 'removed' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Replaced: thing({ name: 'one' }, { UpdateReplacePolicy: 'Retain' }),
      }),
    );
    await cloudFormation.deploy(
      stackOf({ Replaced: thing({ name: 'two' }, { UpdateReplacePolicy: 'Retain' }) }),
    );
    expect(aws.log.slice(2)).toEqual(['Update Replaced']);
    expect(
      lines(cloudFormation.events)
        .filter((line) => line.includes('SKIPPED'))
        .sort(),
    ).toEqual(['Removed DELETE_SKIPPED', 'Replaced DELETE_SKIPPED']);
  });

  it('rejects a change of the type of a resource', async () => {
    const { cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing() }));
    await expect(
      cloudFormation.deploy(stackOf({ A: { ...thing(), Type: 'Custom::Other' } })),
    ).rejects.toThrow('Update of resource type is not permitted');
  });

  it('rejects a second operation while one is in progress', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = async () => {
      await settle();
      return {};
    };
    const first = cloudFormation.deploy(stackOf({ A: thing() }));
    await expect(cloudFormation.deploy(stackOf({ A: thing() }))).rejects.toThrow(
      'is in CREATE_IN_PROGRESS state and can not be updated.',
    );
    await expect(cloudFormation.destroy('Stack')).rejects.toThrow('CREATE_IN_PROGRESS');
    expect((await first).status).toBe('CREATE_COMPLETE');
  });
});

describe('an update that fails', () => {
  it('rolls back everything it changed, with old and new properties swapped', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const resources = (size: number) => ({
      A: thing({ size }),
      Bad: thing({ size }, { DependsOn: 'A' }),
      Unchanged: thing(),
      Unreached: thing({ size }, { DependsOn: 'Bad' }),
    });
    await cloudFormation.deploy(stackOf(resources(1)));
    aws.handle = ({ LogicalResourceId, ResourceProperties }) =>
      LogicalResourceId === 'Bad' && ResourceProperties.size === '2' ? failed('too big') : {};
    const state = await cloudFormation.deploy(stackOf(resources(2)));
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(state.reason).toContain('Message returned: too big');
    expect(
      aws.requests
        .slice(4)
        .map((event) => [
          event.LogicalResourceId,
          event.OldResourceProperties?.size,
          event.ResourceProperties.size,
        ]),
    ).toEqual([
      ['A', '1', '2'],
      ['Bad', '1', '2'],
      ['A', '2', '1'],
      ['Bad', '2', '1'],
    ]);
    expect(reasons(cloudFormation.events, 'Stack')).toContain(
      'The following resource(s) failed to update: [Bad]. ',
    );
    expect(lines(cloudFormation.events).slice(-2)).toEqual([
      'Stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Stack UPDATE_ROLLBACK_COMPLETE',
    ]);
  });

  it('deletes what it created only after the rollback of the rest', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing({ size: 1 }) }));
    aws.handle = ({ LogicalResourceId, RequestType }) =>
      LogicalResourceId === 'Bad' && RequestType === 'Create' ? failed('no') : {};
    const state = await cloudFormation.deploy(
      stackOf({
        A: thing({ size: 2 }),
        New: thing({}, { DependsOn: 'A' }),
        Bad: thing({}, { DependsOn: 'New' }),
      }),
    );
    expect([...state.resources.keys()]).toEqual(['A']);
    expect(aws.log.slice(1)).toEqual([
      'Update A',
      'Create New',
      'Create Bad',
      'Update A',
      'Delete Bad',
      'Delete New',
    ]);
  });

  it('restores a replaced resource and deletes the replacement', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = namedThing;
    await cloudFormation.deploy(stackOf({ A: thing({ name: 'one' }) }));
    aws.handle = (event) =>
      event.LogicalResourceId === 'Bad' && event.RequestType === 'Create'
        ? failed('no')
        : namedThing(event);
    const state = await cloudFormation.deploy(
      stackOf({ A: thing({ name: 'two' }), Bad: thing({ name: 'bad' }, { DependsOn: 'A' }) }),
    );
    expect(state.resources.get('A')?.physicalId).toBe('one');
    expect(aws.log.slice(1)).toEqual(['Update A', 'Create Bad', 'Delete Bad', 'Delete A']);
    expect(aws.requests.at(-1)).toMatchObject({
      PhysicalResourceId: 'two',
      ResourceProperties: { name: 'two' },
    });
  });

  it('cancels an update in progress and rolls it back', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const resources = (size: number) => ({ Slow: thing({ size }), Bad: thing({ size }) });
    await cloudFormation.deploy(stackOf(resources(1)));
    aws.handle = async ({ LogicalResourceId, ResourceProperties }) => {
      if (ResourceProperties.size === '1') return {};
      await settle();
      return LogicalResourceId === 'Slow' ? undefined : failed('no');
    };
    const state = await cloudFormation.deploy(stackOf(resources(2)));
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(cloudFormation.events, 'Slow')).toContain('Resource update cancelled');
    expect(aws.log.slice(-2).sort()).toEqual(['Update Bad', 'Update Slow']);
  });

  it('allows a later update that succeeds', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing({ size: 1 }) }));
    aws.handle = ({ ResourceProperties }) => (ResourceProperties.size === '2' ? failed('no') : {});
    await cloudFormation.deploy(stackOf({ A: thing({ size: 2 }) }));
    const state = await cloudFormation.deploy(stackOf({ A: thing({ size: 3 }) }));
    expect(state).toMatchObject({ status: 'UPDATE_COMPLETE', reason: undefined });
    expect(aws.requests.at(-1)?.OldResourceProperties?.size).toBe('1');
  });

  it('resumes a failed rollback where it stopped, and deletes what the update had created', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = namedThing;
    const resources = (size: number, name: string) => ({
      Replaced: thing({ name }),
      A: thing({ name: 'a', size }, { DependsOn: 'Replaced' }),
    });
    await cloudFormation.deploy(stackOf(resources(1, 'one')));
    aws.handle = (event) =>
      event.LogicalResourceId === 'A' && event.RequestType === 'Update'
        ? { ...failed('broken'), PhysicalResourceId: 'a' }
        : namedThing(event);
    await cloudFormation.deploy(stackOf(resources(2, 'two')));
    await expect(cloudFormation.continueRollback('Stack')).resolves.toMatchObject({
      status: 'UPDATE_ROLLBACK_FAILED',
    });
    aws.handle = namedThing;
    const before = aws.log.length;
    await expect(cloudFormation.continueRollback('Stack')).resolves.toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
    });
    expect(aws.log.slice(before)).toEqual(['Update A', 'Delete Replaced']);
    expect(aws.requests.at(-1)?.PhysicalResourceId).toBe('two');
    await expect(cloudFormation.continueRollback('Stack')).rejects.toThrow(
      'Stack [Stack] is in UPDATE_ROLLBACK_COMPLETE state and can not be rolled back.',
    );
  });

  it('ends in UPDATE_ROLLBACK_FAILED when the rollback fails, and then rejects updates', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    aws.handle = namedThing;
    await cloudFormation.deploy(
      stackOf({ Replaced: thing({ name: 'one' }), A: thing({ name: 'a', size: 1 }) }),
    );
    aws.handle = (event) =>
      event.LogicalResourceId === 'A' && event.RequestType === 'Update'
        ? { ...failed('broken'), PhysicalResourceId: 'a' }
        : namedThing(event);
    const state = await cloudFormation.deploy(
      stackOf({
        Replaced: thing({ name: 'two' }),
        New: thing({ name: 'new' }),
        A: thing({ name: 'a', size: 2 }, { DependsOn: ['New', 'Replaced'] }),
      }),
    );
    expect(state.status).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(cloudFormation.deploy(stackOf({ A: thing() }))).rejects.toThrow(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    );
    const deletions = aws.requests.length;
    await cloudFormation.destroy('Stack');
    const ids = aws.requests.slice(deletions).map(({ PhysicalResourceId }) => PhysicalResourceId);
    expect(ids.sort()).toEqual(['a', 'new', 'one', 'two']);
  });

  it('leaves what a failed rollback did not reach to the delete, each resource once', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const resources = (size: number, name: string) => ({
      A: thing({ name: 'a', size }),
      Replaced: thing({ name }, { DependsOn: 'A' }),
    });
    aws.handle = namedThing;
    await cloudFormation.deploy(stackOf(resources(1, 'one')));
    aws.handle = (event) => {
      const isBad = event.LogicalResourceId === 'Bad' && event.RequestType === 'Create';
      const isRollback = event.OldResourceProperties?.size === '2';
      return isBad || isRollback
        ? { ...failed('broken'), PhysicalResourceId: event.PhysicalResourceId ?? 'bad' }
        : namedThing(event);
    };
    const bad = thing({ name: 'bad' }, { DependsOn: 'Replaced' });
    const state = await cloudFormation.deploy(stackOf({ ...resources(2, 'two'), Bad: bad }));
    expect(state.status).toBe('UPDATE_ROLLBACK_FAILED');

    const deletedIds = async (): Promise<(string | undefined)[]> => {
      const before = aws.requests.length;
      await cloudFormation.destroy('Stack');
      return aws.requests.slice(before).map(({ PhysicalResourceId }) => PhysicalResourceId);
    };
    aws.handle = ({ LogicalResourceId }) => (LogicalResourceId === 'A' ? failed('busy') : {});
    expect((await deletedIds()).sort()).toEqual(['a', 'bad', 'one', 'two']);
    expect(await deletedIds()).toEqual(['a']);
  });

  it('rejects another service token and has nothing to roll back', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(stackOf({ A: thing() }));
    const state = await cloudFormation.deploy(
      stackOf({
        A: thing({ ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:other' }),
      }),
    );
    expect(state).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: 'Modifying service token is not allowed.',
    });
    expect(aws.log).toEqual(['Create A']);
  });
});
