import { describe, expect, it } from 'vitest';
import { placeholderAttribute, placeholderId } from './placeholders.ts';

const location = { account: '111122223333', region: 'eu-west-1' };

function idOf(type: string, properties = {}): string {
  return placeholderId({ type, logicalId: 'Thing', stackName: 'Stack', location }, properties);
}

describe('the id of a resource in name only', () => {
  it.each([
    ['AWS::S3::Bucket', {}, /^stack-thing-\w{12}$/],
    ['AWS::S3::Bucket', { BucketName: 'files' }, /^files$/],
    ['AWS::SNS::Topic', { TopicName: 'news' }, /^arn:aws:sns:eu-west-1:111122223333:news$/],
    ['AWS::CloudWatch::Alarm', { AlarmName: 'errors' }, /^errors$/],
    ['AWS::Events::Rule', { Name: 'daily' }, /^daily$/],
    ['AWS::EC2::VPC', {}, /^vpc-0[0-9a-f]{16}$/],
    [
      'AWS::StepFunctions::StateMachine',
      {},
      /^arn:aws:states:eu-west-1:111122223333:stateMachine:Stack-Thing-\w{12}$/,
    ],
    ['AWS::IAM::ManagedPolicy', {}, /^arn:aws:iam::111122223333:policy\/Stack-Thing-\w{12}$/],
    [
      'AWS::SQS::Queue',
      { QueueName: 'jobs' },
      /^https:\/\/sqs\.eu-west-1\.amazonaws\.com\/111122223333\/jobs$/,
    ],
    ['AWS::Chatbot::Thing', {}, /^Stack-Thing-\w{12}$/],
  ])('has the form of %s %j', (type, properties, form) => {
    expect(idOf(type, properties)).toMatch(form);
  });
});

describe('an attribute of a resource in name only', () => {
  it.each([
    ['AWS::S3::Bucket', 'Arn', 'arn:aws:s3:::files'],
    ['AWS::S3::Bucket', 'DomainName', 'files.s3.eu-west-1.amazonaws.com'],
    ['AWS::SQS::Queue', 'Arn', 'arn:aws:sqs:eu-west-1:111122223333:files'],
    ['AWS::RDS::DBInstance', 'ConsoleUrl', 'https://files.rds.eu-west-1.amazonaws.com/'],
    ['AWS::CloudWatch::Alarm', 'Arn', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:files'],
    ['AWS::Events::Rule', 'Arn', 'arn:aws:events:eu-west-1:111122223333:rule/files'],
    ['AWS::RDS::DBInstance', 'Endpoint.Port', '443'],
    ['AWS::RDS::DBInstance', 'Endpoint.Address', 'files.rds.eu-west-1.amazonaws.com'],
    ['AWS::EC2::VPC', 'CidrBlock', '10.0.0.0/16'],
    ['AWS::Cognito::UserPool', 'ProviderName', 'files'],
    ['AWS::Scheduler::Group', 'State', 'files-State'],
  ])('%s %s has a plausible type', (type, name, value) => {
    expect(placeholderAttribute(type, name, { physicalId: 'files', location })).toBe(value);
  });

  it('is a list where its name says so', () => {
    const servers = placeholderAttribute('AWS::Route53::HostedZone', 'NameServers', {
      physicalId: 'Z1',
      location,
    });
    expect(servers).toEqual([expect.any(String)]);
  });

  it('is the same each time', () => {
    const read = () =>
      placeholderAttribute('AWS::EC2::VPC', 'DefaultSecurityGroup', { physicalId: 'v', location });
    expect(read()).toBe(read());
    expect(read()).toMatch(/^sg-0[0-9a-f]{16}$/);
  });
});
