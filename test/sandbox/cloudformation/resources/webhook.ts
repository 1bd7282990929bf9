import type { Value, ValueObject } from '../values.ts';
import { customResource } from './custom-resource.ts';
import type { Context, EmulatedResourceType } from './resource-type.ts';
import { schedule } from './schedule.ts';

/**
 * `Custom::TelegramWebhook` in lenient mode: a stand-in takes the place of the proxy in front of a bot before the
 * registrar probes the endpoint, until the webhook is deleted.
 */
export const telegramWebhook: EmulatedResourceType = {
  ...customResource,

  async create(properties, context) {
    const physical = await customResource.create(withProxy(properties, context), context);
    settle(physical.physicalId, properties, context);
    return physical;
  },

  async update(before, properties, previous, context) {
    // Updates arrive at the previous proxy until the registrar is done.
    const old = withProxy(previous, context);
    const wanted = withProxy(properties, context);
    const physical = await customResource.update(before, wanted, old, context);
    settle(physical.physicalId, properties, context);
    return physical;
  },

  async delete(physical, properties, context) {
    await customResource.delete(physical, properties, context);
    context.aws.proxies.close(registrationOf(context), physical.physicalId);
  },
};

/** `AWS::Scheduler::Schedule` in lenient mode, with the certificates that the registrations have. */
export const lenientSchedule: EmulatedResourceType = {
  ...schedule,
  create: (properties, context) => schedule.create(trusting(properties, context), context),
  update: (before, properties, previous, context) =>
    schedule.update(before, trusting(properties, context), previous, context),
};

function registrationOf({ stackId, logicalId }: Context): string {
  return `${stackId} ${logicalId}`;
}

function withProxy(properties: ValueObject, context: Context): ValueObject {
  const { Endpoint: origin, Behind: behind, Certificate: certificate } = properties;
  if (!isText(origin) || !isText(behind) || !URL.canParse(origin)) return properties;
  context.aws.proxies.open(registrationOf(context), {
    origin,
    behind,
    ...(isText(certificate) && { certificate }),
  });
  return trusting(properties, context);
}

function settle(webhookId: string, { Endpoint }: ValueObject, context: Context): void {
  context.aws.proxies.settle(registrationOf(context), webhookId, String(Endpoint));
}

function trusting(properties: ValueObject, { aws }: Context): ValueObject {
  return JSON.parse(aws.proxies.withOwnCertificate(JSON.stringify(properties)));
}

function isText(value: Value | undefined): value is string {
  return typeof value === 'string';
}
