import type { IncomingMessage, ServerResponse } from 'node:http';
import { HOME, type Location, locationOf, randomId } from '../account.ts';
import { API_GATEWAY_ZONE, type Route53 } from '../route53.ts';
import { badRequestException, conflict, find } from './errors.ts';
import type { HttpApi } from './http-api.ts';
import { gatewayAnswer, sendAnswer } from './result.ts';

export interface ApiMapping {
  readonly apiId: string;
  readonly stage: string;
  /** `one/two`; empty for the root. */
  readonly key: string;
}

interface CustomDomain {
  readonly name: string;
  readonly mappings: Map<string, ApiMapping>;
  readonly close: () => void;
}

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;
const MAPPING_KEY = /^[A-Za-z0-9$\-_.+!*'(),]+(\/[A-Za-z0-9$\-_.+!*'(),]+)*$/;

/**
 * The regional custom domain names of HTTP APIs, and the mappings that lead their paths to APIs. Clients reach a
 * domain as soon as a DNS record leads them to its regional name.
 */
export class CustomDomains {
  private readonly domains = new Map<string, CustomDomain>();
  private readonly route53: Route53;
  private readonly api: (id: string) => HttpApi;
  private readonly isLenient: boolean;

  constructor(options: {
    route53: Route53;
    api: (id: string) => HttpApi;
    /** Whether a domain may be elsewhere: its certificate in another region, and the domain itself outside the sandbox. */
    isLenient: boolean;
  }) {
    this.route53 = options.route53;
    this.api = options.api;
    this.isLenient = options.isLenient;
  }

  create(domain: { name: string; certificateArn: string; location: Location }): {
    regionalName: string;
    regionalZoneId: string;
  } {
    const { name, certificateArn, location } = domain;
    if (!HOST_NAME.test(name))
      throw badRequestException(`Invalid domain name identifier specified ${name}`);
    if (!this.isLenient) checkCertificate(certificateArn, location);
    if (this.domains.has(name)) throw conflict('The domain name you provided already exists.');
    const regionalName = `d-${randomId(10)}.execute-api.${location.region}.amazonaws.com`;
    const close = this.route53.answer(name, regionalName, (request, response) =>
      this.handle(name, request, response),
    );
    this.domains.set(name, { name, mappings: new Map(), close });
    return { regionalName, regionalZoneId: API_GATEWAY_ZONE };
  }

  delete(name: string): void {
    find(this.domains, name, 'domain name').close();
    this.domains.delete(name);
  }

  createMapping(name: string, mapping: ApiMapping): { id: string } {
    if (this.isLenient && !this.domains.has(name)) {
      this.create({ name, certificateArn: '', location: HOME });
    }
    const { mappings } = find(this.domains, name, 'domain name');
    this.check(mappings, mapping);
    const id = randomId(6);
    mappings.set(id, mapping);
    return { id };
  }

  updateMapping(name: string, id: string, mapping: ApiMapping): void {
    const { mappings } = find(this.domains, name, 'domain name');
    find(mappings, id, 'API mapping');
    this.check(mappings, mapping, id);
    mappings.set(id, mapping);
  }

  deleteMapping(name: string, id: string): void {
    const { mappings } = find(this.domains, name, 'domain name');
    find(mappings, id, 'API mapping');
    mappings.delete(id);
  }

  /** Returns the name of a domain that is mapped to the API. */
  mappedTo(apiId: string): string | undefined {
    const isMapped = ({ mappings }: CustomDomain) =>
      [...mappings.values()].some((mapping) => mapping.apiId === apiId);
    return [...this.domains.values()].find(isMapped)?.name;
  }

  private check(
    mappings: ReadonlyMap<string, ApiMapping>,
    { apiId, stage, key }: ApiMapping,
    ownId?: string,
  ): void {
    if (this.api(apiId).stage?.name !== stage)
      throw badRequestException('Invalid stage identifier specified');
    if (key !== '' && !MAPPING_KEY.test(key)) {
      throw badRequestException(
        `An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()/, got ${key}`,
      );
    }
    for (const [id, other] of mappings) {
      if (id !== ownId && other.key === key) {
        throw conflict('ApiMapping key already exists for this domain name');
      }
    }
  }

  /** Passes a request to the API with the longest mapping that its path begins with. */
  private handle(name: string, request: IncomingMessage, response: ServerResponse): void {
    const path = `${String(request.url).split('?')[0]}/`;
    const [mapping] = [...(this.domains.get(name)?.mappings.values() ?? [])]
      .filter(({ key }) => path.startsWith(basePathOf(key)))
      .sort((one, other) => other.key.length - one.key.length);
    if (mapping) {
      const basePath = basePathOf(mapping.key).slice(0, -1);
      void this.api(mapping.apiId).handle(request, response, basePath);
    } else {
      sendAnswer(response, gatewayAnswer(403, 'Forbidden'));
    }
  }
}

function basePathOf(key: string): string {
  return key === '' ? '/' : `/${key}/`;
}

function checkCertificate(arn: string, { region }: Location): void {
  if (arn.startsWith('arn:aws:acm:') && locationOf(arn).region === region) return;
  throw badRequestException(`Invalid certificate ARN: ${arn}. Certificate must be in '${region}'.`);
}
