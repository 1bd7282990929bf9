import type { Template } from 'aws-cdk-lib/assertions';
import { directNeeds, type Resource } from './synth.ts';

/**
 * How many seconds CloudFormation takes to create a resource. These are assumptions from deploys that people
 * reported, not measurements: they tell a shorter chain from a longer one.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'AWS::ApiGatewayV2::Api': 2,
  'AWS::ApiGatewayV2::ApiMapping': 2,
  'AWS::ApiGatewayV2::DomainName': 15,
  'AWS::ApiGatewayV2::Integration': 1,
  'AWS::ApiGatewayV2::Route': 1,
  'AWS::ApiGatewayV2::Stage': 2,
  'AWS::IAM::Policy': 16,
  'AWS::IAM::Role': 17,
  'AWS::Lambda::EventInvokeConfig': 1,
  'AWS::Lambda::EventSourceMapping': 15,
  'AWS::Lambda::Function': 7,
  'AWS::Lambda::Permission': 3,
  'AWS::Lambda::Url': 2,
  'AWS::Logs::LogGroup': 3,
  // Until all of Route 53's servers have it.
  'AWS::Route53::RecordSet': 40,
  'AWS::SQS::Queue': 65,
  'AWS::SQS::QueuePolicy': 16,
  'AWS::Scheduler::Schedule': 1,
  'Custom::TelegramBot': 4,
  'Custom::TelegramBotReadiness': 4,
  // Until the bot receives updates: the verification of a new webhook comes 20 seconds later.
  'Custom::TelegramWebhook': 5,
};

/** Resources that are created one after the other, each with the second at which it is done. */
export type Chain = readonly { readonly id: string; readonly done: number }[];

/**
 * Returns the chain that decides how long the first deploy of a template takes.
 *
 * @throws Error for a type of resource without an assumed time, and for a cycle
 */
export function longestChain(template: Template): Chain {
  const resources = template.toJSON().Resources as Record<string, Resource>;
  const chains = new Map<string, Chain>();
  const chainTo = (id: string, behind: readonly string[] = []): Chain => {
    if (behind.includes(id)) throw new Error(`A cycle: ${[...behind, id].join(' > ')}`);
    const known = chains.get(id);
    if (known) return known;
    const type = resources[id]?.Type ?? '';
    const seconds = SECONDS[type];
    if (seconds === undefined) throw new Error(`No assumed time for ${id}, a ${type}`);
    const before = longest(
      directNeeds(resources, id).map((need) => chainTo(need, [...behind, id])),
    );
    const chain = [...before, { id, done: secondsOf(before) + seconds }];
    chains.set(id, chain);
    return chain;
  };
  return longest(Object.keys(resources).map((id) => chainTo(id)));
}

/** Returns how many seconds a chain takes. */
export function secondsOf(chain: Chain): number {
  return chain.at(-1)?.done ?? 0;
}

function longest(chains: readonly Chain[]): Chain {
  return chains.reduce((best, chain) => (secondsOf(chain) > secondsOf(best) ? chain : best), []);
}
