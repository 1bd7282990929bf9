/** The app of `lenient-start.test.ts`: a bot that counts, in a stage, with all everyday additions. */
import { App, Stage } from 'aws-cdk-lib';
import { secretName } from '../fixtures.ts';
import { additions, botWith } from './everyday-additions.ts';

const stage = new Stage(new App(), 'Test');
const env = { account: '111122223333', region: 'eu-central-1' };
botWith(
  stage,
  { botTokenSecret: secretName, bot: { entry: 'test/bots/counts.ts' }, env },
  Object.values(additions),
);
