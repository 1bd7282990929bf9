import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { arnOf, HOME, type Location, locationOf } from '../account.ts';
import type { AsyncInvocations } from '../lambda/async-invocations.ts';
import { ServiceError } from '../service-error.ts';
import { checkPattern, type EventPattern, matchesPattern } from './pattern.ts';

export interface Rule {
  readonly name: string;
  readonly pattern: EventPattern;
  readonly isEnabled: boolean;
  readonly targets: readonly RuleTarget[];
}

/** A Lambda function, and what it gets instead of the whole event. */
export interface RuleTarget {
  readonly arn: string;
  /** JSON. */
  readonly input?: string;
  readonly transformer?: {
    /** Paths such as `$.detail.state`, by name. */
    readonly paths: Readonly<Record<string, string>>;
    /** JSON, in which `<name>` stands for the value at a path. */
    readonly template: string;
  };
}

interface Event {
  readonly account: string;
  readonly region: string;
  readonly [field: string]: unknown;
}

/** EventBridge's default bus, with rules that match events and invoke functions. Nothing can put events of its own. */
export class EventBridge {
  private readonly clock: Clock;
  private readonly invocations: AsyncInvocations;
  /** By ARN. */
  private readonly rules = new Map<string, Rule>();

  constructor(services: {
    clock: Clock;
    invocations: AsyncInvocations;
  }) {
    this.clock = services.clock;
    this.invocations = services.invocations;
  }

  create(rule: Rule, location = HOME): { arn: string } {
    const arn = ruleArn(rule.name, location);
    if (this.rules.has(arn)) {
      throw new ServiceError('ResourceAlreadyExistsException', `${rule.name} already exists`);
    }
    this.put(rule, location);
    return { arn };
  }

  /** Creates a rule, or replaces it with its targets. */
  put(rule: Rule, location = HOME): void {
    checkPattern(rule.pattern);
    for (const { arn } of rule.targets) {
      if (/^arn:aws:lambda:[^:]+:\d+:function:[\w:$-]+$/.test(arn)) continue;
      const message = `The sandbox's EventBridge supports only Lambda functions as targets, got ${arn}`;
      throw new ServiceError('ValidationException', message);
    }
    this.rules.set(ruleArn(rule.name, location), rule);
  }

  delete(name: string, location = HOME): void {
    if (this.rules.delete(ruleArn(name, location))) return;
    throw new ServiceError('ResourceNotFoundException', `Rule ${name} does not exist`);
  }

  /** Sends an event of an AWS service to the rules in its account and region. */
  emit(fields: Event): void {
    const time = new Date(this.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const event = { version: '0', id: randomUUID(), time, ...fields };
    for (const [arn, { isEnabled, pattern, targets }] of this.rules) {
      const { account, region } = locationOf(arn);
      if (!isEnabled || account !== event.account || region !== event.region) continue;
      if (!matchesPattern(pattern, event)) continue;
      for (const target of targets) {
        const sender = { principal: 'events.amazonaws.com', sourceArn: arn };
        // A function that does not let the rule invoke it never learns of the event.
        void this.invocations.send(target.arn, inputOf(target, event), sender).catch(() => {});
      }
    }
  }
}

function inputOf({ input, transformer }: RuleTarget, event: object): unknown {
  if (input !== undefined) return JSON.parse(input);
  if (!transformer) return event;
  const { paths, template } = transformer;
  const filled = template.replace(/<([\w.-]+)>/g, (all, name, offset) => {
    const path = paths[name];
    if (path === undefined) return all;
    const value = valueAt(event, path) ?? '';
    const isInString = [...template.slice(0, offset).matchAll(/(?<!\\)"/g)].length % 2 === 1;
    if (!isInString) return JSON.stringify(value);
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
  return JSON.parse(filled);
}

function valueAt(event: object, path: string): unknown {
  const keys = path.split('.').slice(1);
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], event);
}

function ruleArn(name: string, location: Location): string {
  return arnOf('events', `rule/${name}`, location);
}
