import type { HostHandler, Network } from '../network/network.ts';
import { ServiceError } from './service-error.ts';

/** The hosted zone of API Gateway's regional domain names in us-east-1. */
export const API_GATEWAY_ZONE = 'Z1UJRXOUMOOFQ8';

const API_GATEWAY = /^d-[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;

export interface DnsRecord {
  /** Without the dot at the end. */
  readonly name: string;
  readonly type: string;
  readonly zoneId: string;
  /** The host name that the record leads to. */
  readonly target: string;
  /** The hosted zone of an alias's target. */
  readonly targetZoneId?: string;
}

interface Host {
  readonly target: string;
  readonly handler: HostHandler;
  close?: () => void;
}

/**
 * DNS for names of the app's own: a service answers under such a name only while a record leads from the name to the
 * service. Records of type A and CNAME do; those of type AAAA only exist, because Telegram does not use IPv6.
 */
export class Route53 {
  private readonly network: Pick<Network, 'serve'>;
  /** Whether every name leads to its service without a record. */
  private readonly isLenient: boolean;
  private readonly records = new Map<string, DnsRecord>();
  private readonly hosts = new Map<string, Host>();
  private readonly elsewhere = new Set<string>();

  constructor({ network, leniency }: { network: Pick<Network, 'serve'>; leniency?: object }) {
    this.network = network;
    this.isLenient = leniency !== undefined;
  }

  create(record: DnsRecord): void {
    const { name, type } = record;
    if (this.records.has(keyOf(record))) {
      throw invalid(
        `Tried to create resource record set [name='${name}.', type='${type}'] but it already exists`,
      );
    }
    this.update(record);
  }

  /** Creates a record, or replaces the one with the same zone, name and type. */
  update(record: DnsRecord): void {
    const { name, type, target, targetZoneId } = record;
    if (!API_GATEWAY.test(target)) {
      throw invalid(`The sandbox supports only records that lead to API Gateway, got ${target}`);
    }
    if (type !== 'CNAME' && targetZoneId !== API_GATEWAY_ZONE && !this.isLenient) {
      throw invalid(
        `Tried to create an alias that targets ${target}., type ${type} in zone ${targetZoneId}, but the alias target ` +
          'name does not lie within the target zone',
      );
    }
    this.records.set(keyOf(record), record);
    this.settle(name);
  }

  delete(record: Pick<DnsRecord, 'name' | 'type' | 'zoneId'>): void {
    if (!this.records.delete(keyOf(record))) {
      throw new ServiceError('NoSuchRecord', `${record.name} has no record of type ${record.type}`);
    }
    this.settle(record.name);
  }

  /** Plays another name server, which leads a name to whatever service answers under it. @returns a function that ends it */
  leadElsewhere(name: string): () => void {
    this.elsewhere.add(name);
    this.settle(name);
    return () => {
      this.elsewhere.delete(name);
      this.settle(name);
    };
  }

  /** Makes a service answer under a name while the name leads to `target`. @returns a function that ends it */
  answer(name: string, target: string, handler: HostHandler): () => void {
    this.hosts.set(name, { target, handler });
    this.settle(name);
    return () => {
      this.hosts.get(name)?.close?.();
      this.hosts.delete(name);
    };
  }

  private settle(name: string): void {
    const host = this.hosts.get(name);
    if (!host) return;
    const leads = this.isLenient || this.elsewhere.has(name) || this.hasRecord(name, host.target);
    if (leads && !host.close) {
      host.close = this.network.serve(name, host.handler, { hasCertificate: true });
    } else if (!leads) {
      host.close?.();
      host.close = undefined;
    }
  }

  private hasRecord(name: string, target: string): boolean {
    return [...this.records.values()].some(
      (record) => record.name === name && record.target === target && record.type !== 'AAAA',
    );
  }
}

function keyOf({ zoneId, name, type }: Pick<DnsRecord, 'name' | 'type' | 'zoneId'>): string {
  return [zoneId, name, type].join(' ');
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidChangeBatch', message);
}
