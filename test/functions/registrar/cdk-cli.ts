import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface ActivityPrinter {
  start(stack: object): void;
  activity(activity: object): void;
  stop(): void;
}

type PrinterClass = new (props: { stream: object }) => ActivityPrinter;

/** Loads the class with which the CDK CLI shows a deployment in a terminal. The package does not export it. */
function loadPrinter(): PrinterClass {
  const library = createRequire(import.meta.url).resolve('aws-cdk/package.json');
  const file = join(dirname(library), 'lib/index.js');
  const cli = new Module(file) as Module & { _compile(code: string, file: string): void };
  cli.filename = file;
  const source = readFileSync(file, 'utf8');
  cli._compile(`${source}\ninit_current(); module.exports = CurrentActivityPrinter;`, file);
  return cli.exports;
}

let loaded: PrinterClass | undefined;

/** Returns the lines that the CDK CLI prints, in a terminal this wide, about a resource that failed for a reason. */
export function linesInCdkCli(reason: string, columns = 120): string[] {
  loaded ??= loadPrinter();
  let screen = '';
  const write = (text: string) => {
    screen += text;
  };
  const printer = new loaded({ stream: { columns, rows: 200, write } });
  printer.start({ stack: { template: { Resources: {} } } });
  printer.activity({
    event: {
      ResourceStatus: 'CREATE_FAILED',
      ResourceType: 'Custom::TelegramWebhook',
      LogicalResourceId: 'BotRegistration541C9316',
      Timestamp: new Date(),
      // As CloudFormation and the provider framework put it.
      ResourceStatusReason: `Received response status [FAILED] from custom resource. Message returned: ${reason}\n\nLogs: /aws/lambda/Registrar\n`,
    },
    progress: { completed: 1, total: 20, formatted: '1/20' },
  });
  screen = '';
  printer.stop();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the printer moves the cursor and erases lines.
  return screen.replaceAll(/\u001b\[\d*[A-Za-z]/g, '').split('\n');
}
