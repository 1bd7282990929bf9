import { REGION } from '../aws/account.ts';
import type { Iam } from '../aws/iam.ts';
import type { ApiOperation, ServiceCall } from '../aws/json-api.ts';
import { serveQuery } from '../aws/query-api.ts';
import { ServiceError } from '../aws/service-error.ts';
import type { Network } from '../network/network.ts';
import type { CloudFormation, StackEvent } from './cloudformation.ts';
import type { StackState } from './stack.ts';

/** Serves the part of CloudFormation's API with which the kit's commands find out what is deployed. */
export function serveCloudFormation(options: {
  network: Pick<Network, 'serve'>;
  iam: Iam;
  cloudFormation: CloudFormation;
  /** @default REGION */
  region?: string;
}): void {
  const { network, iam, cloudFormation, region = REGION } = options;
  const find = ({ input, location }: ServiceCall): StackState => {
    const name = String(input.StackName);
    const stack = cloudFormation
      .list(location)
      .find((one) => [one.name, one.stackId].includes(name));
    if (stack) return stack;
    throw new ServiceError('ValidationError', `Stack with id ${name} does not exist`);
  };
  const resource = (call: ServiceCall) => find(call).stackId;
  const resourcesOf = (call: ServiceCall, timestamp: string) => {
    const { name, stackId, resources } = find(call);
    return [...resources].map(([LogicalResourceId, { type, physicalId, status }]) => {
      const isIts = (event: StackEvent) =>
        event.stackName === name && event.logicalId === LogicalResourceId;
      return {
        StackName: name,
        StackId: stackId,
        LogicalResourceId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        ResourceStatus: status,
        [timestamp]: isoTime(cloudFormation.events.findLast(isIts)?.time),
      };
    });
  };
  const operations: Readonly<Record<string, ApiOperation>> = {
    DescribeStacks: {
      parameters: ['StackName'],
      resource: (call) => (call.input.StackName === undefined ? '*' : resource(call)),
      run(call) {
        const all = call.input.StackName === undefined;
        const stacks = all ? cloudFormation.list(call.location) : [find(call)];
        return { Stacks: stacks.map((stack) => described(stack, cloudFormation)) };
      },
    },
    GetTemplate: {
      parameters: ['StackName', 'TemplateStage'],
      resource,
      run(call) {
        const { template } = cloudFormation.artifactOf(find(call).stackId) ?? {};
        const StagesAvailable = ['Original', 'Processed'];
        return { TemplateBody: JSON.stringify(template), StagesAvailable };
      },
    },
    DescribeStackResources: {
      parameters: ['StackName'],
      resource,
      run: (call) => ({ StackResources: resourcesOf(call, 'Timestamp') }),
    },
    ListStackResources: {
      parameters: ['StackName'],
      resource,
      run: (call) => ({ StackResourceSummaries: resourcesOf(call, 'LastUpdatedTimestamp') }),
    },
  };
  const service = 'cloudformation';
  serveQuery({ network, iam, service, version: '2010-05-15', region, operations });
}

function described(stack: StackState, cloudFormation: CloudFormation): object {
  const { name, stackId, status, reason, outputs } = stack;
  const own = cloudFormation.events.filter(({ physicalId }) => physicalId === stackId);
  const { tags = {} } = cloudFormation.artifactOf(stackId) ?? {};
  const updated = own.findLast((event) => event.status === 'UPDATE_IN_PROGRESS');
  return {
    StackName: name,
    StackId: stackId,
    StackStatus: status,
    StackStatusReason: reason,
    CreationTime: isoTime(own[0]?.time),
    LastUpdatedTime: updated && isoTime(updated.time),
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

/** Formats a time in milliseconds since the epoch. A stack without events has just been created. */
function isoTime(time = Date.now()): string {
  return new Date(time).toISOString();
}
