import type { Leniency } from '../leniency.ts';
import { arnOf, HOME, locationOf } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { checkPolicy, type PolicyDocument, permits } from './policy.ts';
import { ServiceError } from './service-error.ts';

/** KMS without cryptography: keys, and who may use them through another service. */
export class Kms {
  private readonly iam: Iam;
  private readonly leniency: Leniency | undefined;
  private readonly policies = new Map<string, PolicyDocument>();

  constructor(options: { iam: Iam; leniency?: Leniency }) {
    this.iam = options.iam;
    this.leniency = options.leniency;
  }

  createKey(policy: PolicyDocument, location = HOME): { id: string; arn: string } {
    const id = crypto.randomUUID();
    const arn = arnOf('kms', `key/${id}`, location);
    this.setPolicy(arn, policy);
    return { id, arn };
  }

  setPolicy(arn: string, policy: PolicyDocument): void {
    try {
      checkPolicy('key', policy, locationOf(arn).account);
    } catch (error) {
      if (!this.leniency) throw error;
      this.leniency.note((error as Error).message);
    }
    this.policies.set(arn, policy);
  }

  /** Deletes the key at once, as if its waiting period were over. */
  deleteKey(arn: string): void {
    if (this.policies.delete(arn)) return;
    throw new ServiceError('NotFoundException', `Key '${arn}' does not exist`);
  }

  /**
   * Returns whether a service may decrypt for the caller. The policy of the key decides whether the policies of the
   * account's roles count, and those decide about the role. Nobody may use a deleted key.
   */
  decrypts(arn: string, caller: Caller, service: string): boolean {
    const policy = this.policies.get(arn);
    const context = { 'kms:ViaService': service };
    return (
      policy !== undefined &&
      permits([policy], 'kms:Decrypt', arn, context) &&
      this.iam.allows(caller.roleArn, 'kms:Decrypt', arn, context)
    );
  }
}
