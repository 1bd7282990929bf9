import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { REGION } from '../aws/account.ts';
import type { Iam } from '../aws/iam.ts';
import { authorize, callerOf } from '../aws/json-api.ts';
import { ServiceError } from '../aws/service-error.ts';
import type { Network } from '../network/network.ts';
import type { CloudFormation } from './cloudformation.ts';
import type { StackState } from './stack.ts';

/**
 * Serves the part of CloudFormation's API that the kit's commands use: `DescribeStacks` for one stack,
 * in AWS's query protocol.
 */
export function serveCloudFormation(options: {
  network: Pick<Network, 'serve'>;
  iam: Iam;
  cloudFormation: CloudFormation;
  /** @default REGION */
  region?: string;
}): void {
  const { network, iam, cloudFormation, region = REGION } = options;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const parameters = new URLSearchParams(await text(request));
      const caller = callerOf(request, iam, 'cloudformation', region);
      const stack = described(parameters, cloudFormation);
      const action = 'cloudformation:DescribeStacks';
      authorize(iam, caller, { action, resource: stack.stackId, status: 403 });
      send(response, 200, answer(stack));
    } catch (error) {
      const { code, message, status } =
        error instanceof ServiceError
          ? error
          : new ServiceError('InternalFailure', String(error), 500);
      const inner = `<Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message>`;
      send(response, status, `<ErrorResponse><Error>${inner}</Error></ErrorResponse>`);
    }
  };
  network.serve(`cloudformation.${region}.amazonaws.com`, handle);
}

function described(parameters: URLSearchParams, cloudFormation: CloudFormation): StackState {
  const { Action, StackName = '', Version, ...others } = Object.fromEntries(parameters);
  if (Action !== 'DescribeStacks' || Version !== '2010-05-15' || Object.keys(others).length > 0) {
    throw new ServiceError(
      'InvalidAction',
      `The sandbox's CloudFormation supports only DescribeStacks with a StackName, got ${[...parameters.keys()]}`,
    );
  }
  const stack = cloudFormation.describe(StackName);
  if (stack) return stack;
  throw new ServiceError('ValidationError', `Stack with id ${StackName} does not exist`);
}

function answer({ name, stackId, status, updatedAt, outputs }: StackState): string {
  const members = Object.entries(outputs)
    .map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
    )
    .join('');
  return (
    '<DescribeStacksResponse><DescribeStacksResult><Stacks><member>' +
    `<StackName>${name}</StackName><StackId>${stackId}</StackId><StackStatus>${status}</StackStatus>` +
    `<CreationTime>${new Date(updatedAt).toISOString()}</CreationTime><Outputs>${members}</Outputs>` +
    '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>'
  );
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}
