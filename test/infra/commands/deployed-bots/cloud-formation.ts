import { CloudFormationClient } from '@aws-sdk/client-cloudformation';

export interface FakeStack {
  readonly template: object;
  readonly status?: string;
  readonly account?: string;
}

export const arnOfStack = (name: string, region = 'eu-west-1', account = '123456789012') =>
  `arn:aws:cloudformation:${region}:${account}:stack/${name}/0a1b2c3d`;

/**
 * Fakes a region's CloudFormation. The physical id of a resource is its logical id with `-physical`; that of a nested
 * stack is its logical id, under which it is one of `stacks`. Resources are listed in pages of twenty.
 */
export function cloudFormationWith(
  stacks: Readonly<Record<string, FakeStack | Error>>,
  region: string | undefined = 'eu-west-1',
): CloudFormationClient {
  const client = new CloudFormationClient({ region });
  const send = async ({
    constructor: { name: command },
    input,
  }: {
    constructor: { name: string };
    input: { StackName: string; NextToken?: string };
  }) => {
    const [, name = input.StackName] = /:stack\/(.*)\//.exec(input.StackName) ?? [];
    const stack = stacks[name];
    if (stack instanceof Error) throw stack;
    if (!stack) throw new Error(`Stack with id ${name} does not exist`);
    const { template, status = 'UPDATE_COMPLETE', account } = stack;
    switch (command) {
      case 'DescribeStacksCommand':
        return {
          Stacks: [
            {
              StackId: arnOfStack(name, region, account),
              StackStatus: status,
              CreationTime: new Date('2027-01-01T10:00:00Z'),
            },
          ],
        };
      case 'GetTemplateCommand':
        return { TemplateBody: JSON.stringify(template) };
      case 'ListStackResourcesCommand': {
        const { Resources = {} } = template as { Resources?: Record<string, { Type: string }> };
        const start = Number(input.NextToken ?? 0);
        const page = Object.entries(Resources).slice(start, start + 20);
        return {
          NextToken: page.length === 20 ? String(start + 20) : undefined,
          StackResourceSummaries: page.map(([id, { Type }]) => ({
            LogicalResourceId: id,
            PhysicalResourceId: Type === 'AWS::CloudFormation::Stack' ? id : `${id}-physical`,
          })),
        };
      }
      default:
        throw new Error(`Unexpected ${command}`);
    }
  };
  return Object.assign(client, { send });
}
