import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAssembly, type StackArtifact } from './assembly.ts';
import type { ResourceDefinition } from './template.ts';

let stacks: StackArtifact[];
let codeDirectory: string;

function functionIn(stack: Stack): lambda.Function {
  return new lambda.Function(stack, 'Function', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(codeDirectory),
  });
}

beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  codeDirectory = mkdtempSync(join(tmpdir(), 'code-'));
  writeFileSync(join(codeDirectory, 'index.mjs'), 'export const handler = () => {};');
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  const consumer = new Stack(app, 'Consumer');
  const producer = new Stack(app, 'Producer');
  functionIn(consumer).addEnvironment('PRODUCER', functionIn(producer).functionArn);
  functionIn(new Stack(new Stage(app, 'Prod'), 'Nested', { stackName: 'named' }));
  app.synth();
  stacks = readAssembly(outdir);
});

function stack(name: string): StackArtifact {
  const found = stacks.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`No stack ${name}`);
  return found;
}

function functionOf({ template }: StackArtifact): ResourceDefinition {
  const resources = Object.values(template.Resources);
  return resources.find(({ Type }) => Type === 'AWS::Lambda::Function') as ResourceDefinition;
}

describe('reading a cloud assembly', () => {
  it('lists a stack after those it depends on', () => {
    const names = stacks.map(({ name }) => name);
    expect(names.indexOf('Producer')).toBeLessThan(names.indexOf('Consumer'));
  });

  it('lists the stacks of a stage by their own names', () => {
    expect(stacks.map(({ name }) => name).sort()).toEqual(['Consumer', 'Producer', 'named']);
  });

  it.each(['Producer', 'named'])('finds the assets of the stack %s', (name) => {
    const artifact = stack(name);
    const { S3Key } = functionOf(artifact).Properties.Code as { S3Key: string };
    const directory = artifact.assetDirectory(S3Key.replace('.zip', ''));
    expect(directory).toMatch(/asset\.[0-9a-f]+$/);
    expect(() => artifact.assetDirectory('0')).toThrow('has no asset directory for 0');
  });

  it('adds the path of its construct to each resource', () => {
    expect(functionOf(stack('named')).Metadata).toMatchObject({
      'aws:cdk:path': 'Prod/Nested/Function/Resource',
    });
  });

  it('rejects an assembly with an unknown type of artifact', () => {
    const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
    const artifacts = { Odd: { type: 'cdk:nested-thing' } };
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts }));
    expect(() => readAssembly(directory)).toThrow('Artifact Odd: cdk:nested-thing');
  });
});

describe('reading a cloud assembly in lenient mode', () => {
  let outdir: string;

  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
    const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    const env = { account: '111122223333', region: 'eu-west-1' };
    const protectedStack = new Stack(app, 'Protected', { env, terminationProtection: true });
    functionIn(new NestedStack(protectedStack, 'Inner'));
    functionIn(protectedStack);
    new Stack(app, 'Empty', { env: { region: 'eu-west-1' } });
    app.synth();
  });

  function read(name: string): StackArtifact {
    return readAssembly(outdir, 'lenient').find((one) => one.name === name) as StackArtifact;
  }

  it('finds where a stack is deployed, as far as the app says', () => {
    expect(read('Protected').location).toEqual({ account: '111122223333', region: 'eu-west-1' });
    expect(read('Empty').location).toEqual({ account: '123456789012', region: 'eu-west-1' });
    expect(stack('Producer').location).toBeUndefined();
  });

  it('accepts a stack without resources, and one that is protected', () => {
    expect(read('Empty').template.Resources).toEqual({});
    expect(read('Protected').terminationProtection).toBe(true);
    expect(() => readAssembly(outdir)).toThrow('no termination protection');
  });

  it('finds the template of a nested stack, with the paths of its own constructs', () => {
    const { template, nestedTemplate } = read('Protected');
    const nested = Object.values(template.Resources).find(
      ({ Type }) => Type === 'AWS::CloudFormation::Stack',
    ) as ResourceDefinition;
    const key = /\w+\.json/.exec(JSON.stringify(nested.Properties.TemplateURL))?.[0] as string;
    const inner = nestedTemplate?.(key, String(nested.Metadata['aws:cdk:path']));
    // The function in the nested stack has the same logical id as the one beside it.
    expect(functionOf({ template: inner } as StackArtifact).Metadata).toMatchObject({
      'aws:cdk:path': 'Protected/Inner/Function/Resource',
    });
    expect(functionOf(read('Protected')).Metadata).toMatchObject({
      'aws:cdk:path': 'Protected/Function/Resource',
    });
  });

  it('ignores kinds of artifacts that it does not know', () => {
    const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
    const artifacts = { Odd: { type: 'cdk:nested-thing' } };
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts }));
    expect(readAssembly(directory, 'lenient')).toEqual([]);
  });
});
