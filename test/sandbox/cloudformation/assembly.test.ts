import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
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
