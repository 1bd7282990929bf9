import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allow, lambdaTrust } from './fixtures.ts';
import type { Iam, PolicyDocument } from './iam.ts';
import { AwsOnClock } from './on-clock.ts';

const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:bot/token-AbCdEf';
const registrar = 'arn:aws:iam::123456789012:role/registrar';
const valid = { RoleSessionName: 'registrar', DurationSeconds: '900' };

let test: AwsOnClock;
let iam: Iam;
let reader: string;

const trustIn = (AWS: string): PolicyDocument => ({
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } },
});

beforeEach(async () => {
  test = await AwsOnClock.start();
  iam = test.aws.iam;
  const policy = allow('secretsmanager:GetSecretValue', secret);
  reader = test.role('reader', trustIn(registrar), policy);
});

afterEach(() => test.close());

/** Assumes a role as the caller; returns the response. */
async function assume(roleArn: string, input: Record<string, string>) {
  const form = new URLSearchParams({ Action: 'AssumeRole', Version: '2011-06-15', ...input });
  const { status, body } = await test.request('sts.us-east-1.amazonaws.com', {
    service: 'sts',
    body: form.toString(),
    roleArn,
  });
  const text = (name: string) => new RegExp(`<${name}>([^<]*)`).exec(body)?.[1] ?? '';
  return { status, body, text };
}

describe('AssumeRole', () => {
  it('returns credentials that act as the role, to a role that its trust policy names', async () => {
    const { status, text } = await assume(registrar, { RoleArn: reader, ...valid });
    expect(status).toBe(200);
    const caller = iam.caller(text('AccessKeyId'), text('SessionToken'));
    expect(caller).toEqual({
      roleArn: reader,
      arn: 'arn:aws:sts::123456789012:assumed-role/reader/registrar',
    });
    expect(text('Arn')).toBe(caller?.arn);
    expect(iam.allows(reader, 'secretsmanager:GetSecretValue', secret)).toBe(true);
    expect(iam.allows(registrar, 'secretsmanager:GetSecretValue', secret)).toBe(false);
    expect(Date.parse(text('Expiration'))).toBe(test.clock.now() + 900_000);
  });

  it('is denied to any other role, to one that may assume all roles, and for a role that is not there', async () => {
    const stranger = test.role('stranger', lambdaTrust, allow('*', '*'));
    for (const [caller, RoleArn] of [
      [stranger, reader],
      [reader, reader],
      [registrar, registrar],
      [registrar, `${reader}2`],
    ] as const) {
      const { status, text } = await assume(caller, { RoleArn, ...valid });
      expect({ status, code: text('Code') }).toEqual({ status: 403, code: 'AccessDenied' });
    }
  });

  it('is denied once the role is deleted', async () => {
    iam.deletePolicy('reader', 'policy');
    iam.deleteRole('reader');
    expect((await assume(registrar, { RoleArn: reader, ...valid })).status).toBe(403);
  });

  it.each<[string, Record<string, string>]>([
    ['a session without a name', { RoleSessionName: '' }],
    ['a session name with a space', { RoleSessionName: 'the registrar' }],
    ['a duration under 900 seconds', { DurationSeconds: '899' }],
    ['a duration over the hour of a chain of roles', { DurationSeconds: '3601' }],
    ['a name instead of an ARN', { RoleArn: 'reader' }],
    ['a session policy', { Policy: '{}' }],
  ])('refuses %s', async (_, input) => {
    const { status, body } = await assume(registrar, { RoleArn: reader, ...valid, ...input });
    expect(status).toBe(400);
    expect(body).toMatch(/<Code>Validation(Error|Exception)</);
  });
});

it('refuses to create a role that trusts a role which does not exist', () => {
  const trust = trustIn('arn:aws:iam::123456789012:role/nobody');
  expect(() => test.role('other', trust)).toThrow('Invalid principal in policy');
});
