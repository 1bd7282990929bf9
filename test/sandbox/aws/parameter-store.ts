import type { Network } from '../network/network.ts';
import { arnOf, type Location, locationOf } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from './json-api.ts';
import { ServiceError } from './service-error.ts';

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly ARN: string;
  readonly Version: number;
  readonly DataType: 'text';
}

const PREFIX = 'AmazonSSM.';

/** Systems Manager's Parameter Store in lenient mode: `GetParameter` and `GetParameters`, and values for templates. */
export class ParameterStore {
  private readonly network: Pick<Network, 'serve'>;
  private readonly iam: Iam;
  private readonly regions = new Set<string>();
  /** By ARN. */
  private readonly parameters = new Map<string, Parameter>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam }) {
    this.network = options.network;
    this.iam = options.iam;
  }

  /** Serves the API of a region, if it is not served yet. */
  serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    this.network.serve(
      `ssm.${region}.amazonaws.com`,
      jsonApi('application/x-amz-json-1.1', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const operation = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : target;
        const caller = callerOf(request, this.iam, 'ssm', region);
        return this.answer(operation, JSON.parse(text), { caller, region });
      }),
    );
  }

  put(name: string, value: { type: string; value: string }, location: Location): void {
    const ARN = arnIn(name, location);
    const Version = (this.parameters.get(ARN)?.Version ?? 0) + 1;
    const { type: Type, value: Value } = value;
    this.parameters.set(ARN, { Name: name, Type, Value, ARN, Version, DataType: 'text' });
  }

  get(name: string, location: Location): string | undefined {
    return this.parameters.get(arnIn(name, location))?.Value;
  }

  delete(name: string, location: Location): void {
    this.parameters.delete(arnIn(name, location));
  }

  private answer(
    operation: string,
    input: Record<string, unknown>,
    { caller, region }: { caller: Caller; region: string },
  ): JsonApiAnswer {
    const { account } = locationOf(caller.roleArn);
    const find = (name: unknown) => {
      const resource = arnIn(String(name), { account, region });
      authorize(this.iam, caller, { action: `ssm:${operation}`, resource, status: 400 });
      return this.parameters.get(resource);
    };
    if (operation === 'GetParameter') {
      const Parameter = find(input.Name);
      if (Parameter) return { status: 200, body: { Parameter } };
      throw new ServiceError('ParameterNotFound', '');
    }
    if (operation === 'GetParameters') {
      const names = input.Names as string[];
      const Parameters = names.flatMap((name) => find(name) ?? []);
      const InvalidParameters = names.filter((name) => !find(name));
      return { status: 200, body: { Parameters, InvalidParameters } };
    }
    throw new ServiceError(
      'UnknownOperationException',
      `${operation} works on AWS, but not in the sandbox: its SSM has only GetParameter and GetParameters`,
    );
  }
}

/** Returns the ARN of a parameter; an ARN stays as it is. */
function arnIn(nameOrArn: string, location: Location): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return arnOf('ssm', `parameter/${nameOrArn.replace(/^\//, '')}`, location);
}
