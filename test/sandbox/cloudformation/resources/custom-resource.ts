import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { UnansweredEvent } from '../../aws/lambda/async-invocations.ts';
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

/** Seconds: the default and the maximum. */
const LONGEST_SERVICE_TIMEOUT = 3600;

/**
 * `Custom::*` and `AWS::CloudFormation::CustomResource`: CloudFormation sends an event to a function,
 * which answers with a PUT to the URL in the event.
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

  // The attributes are known only from the answer.
  hasAttribute: () => true,

  // So is a replacement: the answer to an update then has another physical id.
  isReplacedBy: () => false,

  async create(properties, context) {
    try {
      return await send({ RequestType: 'Create', ResourceProperties: properties }, context);
    } catch (error) {
      if (!(error instanceof ResourceFailure) || error.physicalId !== undefined) throw error;
      // A failed create may have left something behind. If the function has not answered with an id,
      // CloudFormation generates one for the delete:
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
    const listenTo = (source: AbortSignal, failure: () => ResourceFailure): void => {
      // A stack may have more custom resources than the ten listeners that Node takes for a leak.
      setMaxListeners(0, source);
      source.addEventListener('abort', () => reject(failure()), { signal: answered.signal });
    };
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

/**
 * Rejects when Lambda refuses the event, or reports that nobody will answer it. Never resolves, because a delivered event means nothing: only
 * the answer counts.
 */
function refusalOf(delivery: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    delivery.catch((error) => {
      const isUnhandled = error instanceof UnansweredEvent && error.isUnhandled;
      // An event that no code has seen leaves nothing behind that had to be deleted.
      reject(isUnhandled ? error : new ResourceFailure(error.message));
    });
  });
}

function understand(
  answer: CustomResourceResponse,
  event: { RequestId: string; StackId: string; LogicalResourceId: string },
): Physical {
  const { Status, Reason = '', PhysicalResourceId: physicalId } = answer;
  // Not the function's answer: CloudFormation's own error for an answer that it could not accept.
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

/** Turns scalars into strings, also in lists. Leaves out everything else: `Fn::GetAtt` cannot read it. */
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
