import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readCliContext } from '../sandbox/index.ts';
import { onlyResource } from './synth.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));

/** Runs the example as `cdk synth` does, without the bundles of the bots, which are the user's. */
execFileSync('node', ['--import', 'tsx', '.github/examples/app.ts'], {
  cwd: root,
  encoding: 'utf8',
  stdio: 'pipe',
  env: {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...readCliContext([]), 'aws:cdk:bundling-stacks': [] }),
  },
});
const json = JSON.parse(readFileSync(join(outdir, 'Shop.template.json'), 'utf8'));
const template = Template.fromJSON(json);

describe('the example of an app that uses everything', () => {
  it('has four bots, three of them on one API, and a watch for each', () => {
    template.resourceCountIs('Custom::TelegramBot', 4);
    template.resourceCountIs('Custom::TelegramWebhook', 4);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 2);
  });

  it('declares what users see, and what only @BotFather switches', () => {
    const { Slots, Photo } = onlyResource(template, 'Custom::TelegramBotProfile').resource
      .Properties;
    expect(JSON.stringify(Slots)).toContain('Eckladen');
    expect(Photo).toBeDefined();
    template.hasResourceProperties('Custom::TelegramBot', {
      Expects: { inlineMode: 'true', privacyMode: 'false' },
    });
  });

  it('has a domain, a queue, alarms, and a bot in a VPC that a database lets in', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'bot.example.com',
    });
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 20 },
    });
    expect(Object.keys(template.findResources('AWS::CloudWatch::Alarm'))).not.toEqual([]);
    const { id } = onlyResource(template, 'AWS::EC2::SecurityGroupIngress');
    const webhook = Object.values(template.findResources('Custom::TelegramWebhook'));
    expect(webhook.some(({ DependsOn }) => DependsOn.includes(id))).toBe(true);
  });

  it('causes no warning of the kit', () => {
    const metadata = readFileSync(join(outdir, 'Shop.metadata.json'), 'utf8');
    expect(metadata).not.toContain('telegram-webhook-kit:');
  });
});
