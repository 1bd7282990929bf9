import { beforeEach, describe, expect, it } from 'vitest';
import { Leniency } from '../leniency.ts';
import type { StackArtifact } from './assembly.ts';
import type { CloudFormation } from './cloudformation.ts';
import { type FakeAws, failed, fakeCloudFormation, lines, stackOf, thing } from './fakes.ts';
import type { Template } from './template.ts';

let aws: FakeAws;
let cloudFormation: CloudFormation;
/** Templates by key, as an assembly publishes them. */
let templates: Record<string, Template>;

beforeEach(() => {
  templates = {};
  ({ aws, cloudFormation } = fakeCloudFormation({ leniency: new Leniency(() => {}) }));
});

function templateOf(resources: Record<string, unknown>, sections = {}): Template {
  return stackOf(resources, sections).template;
}

function parent(key: string, Parameters = {}, others = {}): StackArtifact {
  const Nested = {
    Type: 'AWS::CloudFormation::Stack',
    Properties: { TemplateURL: `https://s3.us-east-1.amazonaws.com/assets/${key}`, Parameters },
  };
  const Outputs = { Size: { Value: { 'Fn::GetAtt': ['Nested', 'Outputs.Size'] } } };
  return {
    ...stackOf({ Nested, ...others }, { Outputs }),
    nestedTemplate: (wanted) => templates[wanted],
  };
}

const sized = {
  Parameters: { Size: { Type: 'String' } },
  Outputs: { Size: { Value: { 'Fn::GetAtt': ['A', 'size'] } } },
};

describe('a nested stack', () => {
  it('gets its parameters from its parent, and gives it its outputs', async () => {
    templates['one.json'] = templateOf({ A: thing({ size: { Ref: 'Size' } }) }, sized);
    const { status, outputs } = await cloudFormation.deploy(parent('one.json', { Size: '3' }));
    expect([status, outputs]).toEqual(['CREATE_COMPLETE', { Size: '3' }]);
  });

  it('is updated when a parameter or its template changes', async () => {
    templates['one.json'] = templateOf({ A: thing({ size: { Ref: 'Size' } }) }, sized);
    templates['two.json'] = templateOf({ A: thing({ size: 'fixed' }), B: thing() }, sized);
    await cloudFormation.deploy(parent('one.json', { Size: '3' }));
    const resized = await cloudFormation.deploy(parent('one.json', { Size: '4' }));
    expect(resized.outputs).toEqual({ Size: '4' });
    const rewritten = await cloudFormation.deploy(parent('two.json', { Size: '4' }));
    expect(rewritten.outputs).toEqual({ Size: 'fixed' });
    expect(aws.log).toEqual(['Create A', 'Update A', 'Update A', 'Create B']);
  });

  it('is deleted with its parent', async () => {
    templates['one.json'] = templateOf({ A: thing({ size: '1' }) }, sized);
    await cloudFormation.deploy(parent('one.json', { Size: '3' }));
    const id = cloudFormation.describe('Stack')?.resources.get('Nested')?.physicalId as string;
    expect(cloudFormation.describe(id)?.status).toBe('CREATE_COMPLETE');
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.describe(id)).toBeUndefined();
    expect(aws.log).toEqual(['Create A', 'Delete A']);
  });

  it('takes its parent with it when it fails', async () => {
    templates['one.json'] = templateOf({ A: thing({ size: '1' }) }, sized);
    aws.handle = ({ RequestType }) => (RequestType === 'Create' ? failed('no room') : {});
    const { status, reason } = await cloudFormation.deploy(parent('one.json', { Size: '3' }));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toMatch(/^Embedded stack arn:\S+ was not successfully deployed: .*no room/);
    expect(cloudFormation.events.at(-1)?.status).toBe('ROLLBACK_COMPLETE');
  });

  it('goes back with its parent when another resource fails to update', async () => {
    templates['one.json'] = templateOf({ A: thing({ size: { Ref: 'Size' } }) }, sized);
    const late = (n: number) => ({ Late: thing({ n }, { DependsOn: 'Nested' }) });
    await cloudFormation.deploy(parent('one.json', { Size: '3' }, late(1)));
    aws.handle = ({ ResourceProperties }) => (ResourceProperties.n === '2' ? failed('no') : {});
    const { status, outputs } = await cloudFormation.deploy(
      parent('one.json', { Size: '4' }, late(2)),
    );
    expect([status, outputs]).toEqual(['UPDATE_ROLLBACK_COMPLETE', { Size: '3' }]);
    const sizes = aws.requests
      .filter(({ LogicalResourceId }) => LogicalResourceId === 'A')
      .map(({ ResourceProperties }) => ResourceProperties.size);
    expect(sizes).toEqual(['3', '4', '3']);
  });

  it('exists in name only if its template is not in the assembly', async () => {
    const { status } = await cloudFormation.deploy({
      ...parent('missing.json'),
      template: templateOf({ Nested: parent('missing.json').template.Resources.Nested }),
    });
    expect(status).toBe('CREATE_COMPLETE');
    expect(lines(cloudFormation.events)).toContain('Nested CREATE_COMPLETE');
  });
});
