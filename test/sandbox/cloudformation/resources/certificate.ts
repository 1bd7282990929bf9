import { randomUUID } from 'node:crypto';
import { arnOf } from '../../aws/account.ts';
import { resourceType } from './resource-type.ts';
import { json, listOf, only, optional, text } from './shape.ts';

/** `AWS::CertificateManager::Certificate`, which exists in name only: it is issued at once. */
export const certificate = resourceType({
  properties: {
    DomainName: text,
    SubjectAlternativeNames: optional(listOf(text)),
    DomainValidationOptions: optional(json()),
    ValidationMethod: optional(only('DNS', 'EMAIL')),
    Tags: optional(json()),
  },
  replacedBy: [
    'DomainName',
    'SubjectAlternativeNames',
    'DomainValidationOptions',
    'ValidationMethod',
  ],
  create: (_, { location }) => ({
    physicalId: arnOf('acm', `certificate/${randomUUID()}`, location),
    attributes: {},
  }),
  delete() {},
});
