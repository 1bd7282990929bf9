import type { Aws } from '../aws/aws.ts';
import { EventInvokeConfigs } from '../aws/lambda/async-invocations.ts';
import type { CompletedInvocation } from '../aws/lambda/revision.ts';
import type { CustomResourceResponse } from '../aws/responses.ts';
import type { StackArtifact } from './assembly.ts';
import { CloudFormation, type StackEvent } from './cloudformation.ts';
import { parseTemplate } from './template.ts';

/** The event that CloudFormation sends to a custom resource's function. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ServiceToken: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
}

/**
 * A custom resource's function. It returns its answer to CloudFormation, or undefined to give none.
 * If it throws, the invocation ends in a function error.
 */
export type FakeHandler = (
  event: CustomResourceEvent,
) =>
  | Partial<CustomResourceResponse>
  | undefined
  | Promise<Partial<CustomResourceResponse> | undefined>;

export const serviceToken = 'arn:aws:lambda:us-east-1:123456789012:function:handler';

/**
 * As much of AWS as a stack of custom resources needs: one function, which reports success with its
 * properties as attributes, unless `handle` returns something else.
 */
export class FakeAws {
  readonly region = 'us-east-1';
  readonly account = '123456789012';
  handle: FakeHandler = () => ({});
  /** Whether the function's code cannot be loaded, so that it receives no events. */
  failsToLoad = false;
  /** Whether the invocation ends in a function error although the function has answered. */
  failsAfterAnswer = false;
  /** The events that the function has received, in order. */
  readonly requests: CustomResourceEvent[] = [];
  readonly eventInvokeConfigs = new EventInvokeConfigs();
  private readonly answers = new Map<string, (answer: CustomResourceResponse) => void>();

  readonly responses = {
    open: () => {
      const url = `https://responses.example/${this.requests.length}-${this.answers.size}`;
      const answer = new Promise<CustomResourceResponse>((resolve) => {
        this.answers.set(url, resolve);
      });
      return { url, answer, close() {} };
    },
  };

  readonly lambda = {
    invoke: async (arn: string, event: CustomResourceEvent) => {
      if (arn !== serviceToken) throw new Error(`Function not found: ${arn}`);
      if (this.failsToLoad) return { ...functionError(new Error('no module')), failedToLoad: true };
      this.requests.push(event);
      try {
        const answer = await this.handle(event);
        if (answer) this.answers.get(event.ResponseURL)?.({ ...success(event), ...answer });
        if (this.failsAfterAnswer) throw new Error('late');
        return { payload: '', durationMs: 1 };
      } catch (error) {
        return functionError(error as Error);
      }
    },
  };

  /** `Create A`, `Update A`, ... */
  get log(): string[] {
    return this.requests.map((event) => `${event.RequestType} ${event.LogicalResourceId}`);
  }
}

function functionError({ name, message }: Error): CompletedInvocation {
  const payload = JSON.stringify({ errorType: name, errorMessage: message });
  return { functionError: 'Unhandled', payload, durationMs: 1 };
}

function success(event: CustomResourceEvent): CustomResourceResponse {
  const { StackId, RequestId, LogicalResourceId } = event;
  return {
    Status: 'SUCCESS',
    PhysicalResourceId: event.PhysicalResourceId ?? `${LogicalResourceId}-id`,
    StackId,
    RequestId,
    LogicalResourceId,
    Data: event.ResourceProperties,
  };
}

export function failed(Reason: string): Partial<CustomResourceResponse> {
  return { Status: 'FAILED', Reason };
}

type Options = Omit<ConstructorParameters<typeof CloudFormation>[0], 'aws'>;

export function fakeCloudFormation(options: Options = {}): {
  aws: FakeAws;
  cloudFormation: CloudFormation;
} {
  const aws = new FakeAws();
  return { aws, cloudFormation: new CloudFormation({ aws: aws as unknown as Aws, ...options }) };
}

/** Returns the definition of a custom resource with the one function as its provider. */
export function thing(
  properties: Record<string, unknown> = {},
  attributes: Record<string, unknown> = {},
): Record<string, unknown> {
  const Properties = { ServiceToken: serviceToken, ...properties };
  return { Type: 'Custom::Thing', Properties, ...attributes };
}

export function stackOf(
  resources: Record<string, unknown>,
  sections: Record<string, unknown> = {},
  name = 'Stack',
): StackArtifact {
  return {
    name,
    template: parseTemplate({ Resources: resources, ...sections }),
    assetDirectory(hash) {
      throw new Error(`No asset ${hash}`);
    },
  };
}

/** `A CREATE_IN_PROGRESS`, `Stack CREATE_COMPLETE`, ... */
export function lines(events: readonly StackEvent[]): string[] {
  return events.map(({ logicalId, status }) => `${logicalId} ${status}`);
}

export function reasons(events: readonly StackEvent[], logicalId: string): (string | undefined)[] {
  return events.filter((event) => event.logicalId === logicalId).map(({ reason }) => reason);
}
