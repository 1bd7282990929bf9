import type { Intercept } from '../sandbox/index.ts';
import type { ApiCall, ApiFault } from './bot-api-server.ts';
import type { NetworkFault } from './network.ts';

/** The active faults of a simulation. Each is called on its occasion; undefined means that all goes well. */
export interface ActiveFaults {
  /** One of the registrar's calls to the Bot API. */
  telegram?: (call: ApiCall) => ApiFault | undefined;
  /** Telegram's DNS lookup of a webhook's host. Null means that the name does not exist. */
  lookup?: (host: string) => null | undefined;
  /** A request to the public endpoint. */
  endpoint?: (sender: 'probe' | 'telegram') => NetworkFault | undefined;
  /** An invocation of the receiver, or of the ingress in its place. */
  receiver?: () => 'crashes' | 'hangs' | undefined;
  /** The registrar's readiness check: its invocation of the bot behind the queue. */
  readiness?: () => 'crashes' | 'hangs' | { readonly awsError: string } | undefined;
  /** A request to Secrets Manager; returns the response that replaces its own. */
  secrets?: () => { status: number; body: unknown } | undefined;
  /** The response of the registrar's function to the provider framework. */
  invocation?: () => 'lost' | undefined;
  /** An operation of CloudFormation's on a resource. */
  resource?: Intercept;
}
