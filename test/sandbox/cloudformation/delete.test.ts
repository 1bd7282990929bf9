import { describe, expect, it } from 'vitest';
import { failed, fakeCloudFormation, lines, reasons, stackOf, thing } from './fakes.ts';

describe('deleting a stack', () => {
  it('deletes each resource after those that depend on it', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(
      stackOf({
        A: thing(),
        B: thing({ a: { Ref: 'A' } }),
        C: thing({}, { DependsOn: 'B' }),
      }),
    );
    const state = await cloudFormation.destroy('Stack');
    expect(state.status).toBe('DELETE_COMPLETE');
    expect(aws.log.slice(3)).toEqual(['Delete C', 'Delete B', 'Delete A']);
    expect(cloudFormation.describe('Stack')).toBeUndefined();
  });

  it('stops at a resource that cannot be deleted, and deletes the rest when run again', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(
      stackOf({ Needed: thing(), Stuck: thing({}, { DependsOn: 'Needed' }), Free: thing() }),
    );
    aws.handle = ({ LogicalResourceId }) => (LogicalResourceId === 'Stuck' ? failed('busy') : {});
    const state = await cloudFormation.destroy('Stack');
    expect(state.status).toBe('DELETE_FAILED');
    expect(state.reason).toBe('The following resource(s) failed to delete: [Stuck]. ');
    expect([...state.resources.keys()]).toEqual(['Needed', 'Stuck']);
    expect(reasons(cloudFormation.events, 'Stuck').at(-1)).toContain('Message returned: busy');

    aws.handle = () => ({});
    const before = aws.log.length;
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
    expect(aws.log.slice(before)).toEqual(['Delete Stuck', 'Delete Needed']);
  });

  it('does nothing for a stack that does not exist', async () => {
    const { cloudFormation } = fakeCloudFormation();
    expect((await cloudFormation.destroy('Unknown')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.events).toEqual([]);
  });

  it('keeps resources that their policy retains', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(
      stackOf({
        A: thing({}, { DeletionPolicy: 'Retain' }),
        B: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
      }),
    );
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
    expect(aws.log).toEqual(['Create A', 'Create B']);
    expect(lines(cloudFormation.events)).toContain('A DELETE_SKIPPED');
  });
});

describe('exports', () => {
  const exporting = (value: unknown) =>
    stackOf(
      { A: thing({ value }) },
      {
        Outputs: { Value: { Value: { 'Fn::GetAtt': ['A', 'value'] }, Export: { Name: 'Shared' } } },
      },
      'Exporter',
    );
  const importing = stackOf(
    { B: thing({ from: { 'Fn::ImportValue': 'Shared' } }) },
    {},
    'Importer',
  );

  it('lets a stack use the export of another', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(exporting('x'));
    expect((await cloudFormation.deploy(importing)).status).toBe('CREATE_COMPLETE');
    expect(aws.requests.at(-1)?.ResourceProperties.from).toBe('x');
  });

  it('fails a resource that uses an export that does not exist', async () => {
    const { cloudFormation } = fakeCloudFormation();
    expect(await cloudFormation.deploy(importing)).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      reason: 'No export named Shared found.',
    });
  });

  it('rejects changing or deleting an export in use', async () => {
    const { cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(exporting('x'));
    await cloudFormation.deploy(importing);
    expect(await cloudFormation.deploy(exporting('y'))).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: 'Cannot update export Shared as it is in use by Importer.',
    });
    await expect(cloudFormation.destroy('Exporter')).rejects.toThrow('in use by Importer');
    await cloudFormation.destroy('Importer');
    expect((await cloudFormation.destroy('Exporter')).status).toBe('DELETE_COMPLETE');
  });

  it('rejects an export that another stack already has', async () => {
    const { cloudFormation } = fakeCloudFormation();
    await cloudFormation.deploy(exporting('x'));
    const second = { ...exporting('x'), name: 'Second' };
    expect((await cloudFormation.deploy(second)).reason).toBe(
      'Export with name Shared is already exported by stack Exporter.',
    );
  });
});
