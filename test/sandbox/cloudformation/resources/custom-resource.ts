import { randomUUID } from 'node:crypto';
import type { CustomResourceResponse } from '../../aws/responses.ts';
import { ResourceCancelled, ResourceFailure, ValidationError } from '../errors.ts';
import { functionCall } from '../intrinsics.ts';
import { physicalName } from '../names.ts';
import { isObject, stringifyScalars, type Value, type ValueObject } from '../values.ts';
import type { Context, EmulatedResourceType, Physical } from './resource-type.ts';

const operations = { Create: 'create', Update: 'update', Delete: 'delete' } as const;

interface Request {
  readonly RequestType: keyof typeof operations;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: ValueObject;
  readonly OldResourceProperties?: ValueObject;
}

/** Seconds: the default, and the most that can be asked for. */
const LONGEST_SERVICE_TIMEOUT = 3600;

/**
 * `Custom::*` and `AWS::CloudFormation::CustomResource`: a function is sent an event, and answers by
 * a PUT to the URL in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export const customResource: EmulatedResourceType = {
  check(properties, at) {
    if (properties.ServiceToken === undefined) {
      throw new ValidationError(`${at}.ServiceToken is required`);
    }
    const timeout = properties.ServiceTimeout;
    if (timeout !== undefined && !functionCall(timeout, at)) serviceTimeout(timeout, at);
  },

  // Which attributes there are shows only in the answer.
  hasAttribute: () => true,

  // So does whether an update was a replacement: it answers with another physical id.
  isReplacedBy: () => false,

  async create(properties, context) {
    try {
      return await send({ RequestType: 'Create', ResourceProperties: properties }, context);
    } catch (error) {
      if (!(error instanceof ResourceFailure) || error.physicalId !== undefined) throw error;
      // What a create may have left behind is deleted by an id that CloudFormation makes up when the
      // function has not answered with one:
      // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
      error.physicalId = physicalName(context.stackName, context.logicalId, 1024);
      throw error;
    }
  },

  async update({ physicalId }, properties, previous, context) {
    if (properties.ServiceToken !== previous.ServiceToken) {
      throw new ValidationError('Modifying service token is not allowed.');
    }
    return await send(
      {
        RequestType: 'Update',
        PhysicalResourceId: physicalId,
        ResourceProperties: properties,
        OldResourceProperties: previous,
      },
      context,
    );
  },

  async delete({ physicalId }, properties, context) {
    await send(
      { RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: properties },
      context,
    );
  },
};

async function send(request: Request, context: Context): Promise<Physical> {
  const { aws, clock, invocations, signal, stackId, logicalId } = context;
  const serviceToken = String(request.ResourceProperties.ServiceToken);
  const requestId = randomUUID();
  const response = aws.responses.open();
  const answered = new AbortController();
  const event = {
    RequestType: request.RequestType,
    ServiceToken: serviceToken,
    ResponseURL: response.url,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalId,
    ResourceType: context.type,
    ...(request.PhysicalResourceId && { PhysicalResourceId: request.PhysicalResourceId }),
    ResourceProperties: stringifyScalars(request.ResourceProperties),
    ...(request.OldResourceProperties && {
      OldResourceProperties: stringifyScalars(request.OldResourceProperties),
    }),
  };

  const limit = serviceTimeout(request.ResourceProperties.ServiceTimeout, logicalId);
  const silence = clock.sleep(limit * 1000, answered.signal).then(() => {
    throw new ResourceFailure(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${requestId}].`,
    );
  });
  const cancellation = new Promise<never>((_, reject) => {
    const listenTo = (source: AbortSignal, failure: () => ResourceFailure): void =>
      source.addEventListener('abort', () => reject(failure()), { signal: answered.signal });
    listenTo(signal, () => new ResourceCancelled(operations[request.RequestType]));
    listenTo(invocations.closed, () => new ResourceFailure(invocations.closed.reason.message));
  });
  const refusals = Array.from({ length: context.deliveries }, () =>
    refusalOf(invocations.send(serviceToken, event)),
  );
  try {
    const answer = await Promise.race([response.answer, silence, cancellation, ...refusals]);
    return understand(answer, event);
  } finally {
    response.close();
    answered.abort();
  }
}

/** Never resolves: an event that was delivered says nothing, only the answer counts. */
function refusalOf(delivery: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    delivery.catch((error) => reject(new ResourceFailure(error.message)));
  });
}

function understand(
  answer: CustomResourceResponse,
  event: { RequestId: string; StackId: string; LogicalResourceId: string },
): Physical {
  const { Status, Reason = '', PhysicalResourceId: physicalId } = answer;
  // No answer of the function's: CloudFormation's own word for one that it could not take.
  if (Status === 'FAILED' && answer.RequestId === undefined) throw new ResourceFailure(Reason);
  for (const key of ['RequestId', 'StackId', 'LogicalResourceId'] as const) {
    if (answer[key] !== event[key]) {
      throw new ResourceFailure(`Invalid Response object: ${key} is not the request's`);
    }
  }
  if (Status === 'FAILED') {
    throw new ResourceFailure(
      `Received response status [FAILED] from custom resource. Message returned: ${Reason} (RequestId: ${event.RequestId})`,
      physicalId,
    );
  }
  return {
    physicalId: String(physicalId),
    attributes: attributes(answer.Data),
    noEcho: answer.NoEcho === true,
    origin: `${event.StackId}|${event.LogicalResourceId}|${event.RequestId}`,
  };
}

/** Scalars become strings; lists of them stay lists. Of anything else `Fn::GetAtt` can make nothing. */
function attributes(data: Readonly<Record<string, unknown>> | undefined): ValueObject {
  const readable = Object.entries(data ?? {}).filter(
    ([, value]) => value !== null && !isObject(value),
  );
  return Object.fromEntries(
    readable.map(([key, value]) => [key, stringifyScalars(value as Value)]),
  );
}

function serviceTimeout(value: Value | undefined, at: string): number {
  const seconds = value === undefined ? LONGEST_SERVICE_TIMEOUT : Number(value);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SERVICE_TIMEOUT)
    return seconds;
  throw new ValidationError(
    `${at}: ServiceTimeout must be 1 to ${LONGEST_SERVICE_TIMEOUT} seconds, got ${value}`,
  );
}
