import type { Location } from '../account.ts';
import type { Iam } from '../iam.ts';
import { groupArn, type Logs, streamArn } from '../logs.ts';

interface FunctionLogOptions {
  readonly iam: Iam;
  readonly logs: Logs;
  readonly roleArn: string;
  readonly group: string;
  readonly stream: string;
  /** @default HOME */
  readonly location?: Location;
}

/**
 * The log of one execution environment. Lambda writes with the permissions of the function's role. As
 * on AWS, a line that the role may not write is silently lost.
 */
export class FunctionLog {
  private readonly options: FunctionLogOptions;

  constructor(options: FunctionLogOptions) {
    this.options = options;
  }

  write(line: string): void {
    const { iam, logs, roleArn, group, stream, location } = this.options;
    const may = (action: string, resource: string) => iam.allows(roleArn, action, resource);
    if (!logs.has(group, location)) {
      // This is how a log group reappears after a stack has deleted it.
      if (!may('logs:CreateLogGroup', groupArn(group, location))) return;
      logs.createGroup(group, { location });
    }
    const target = streamArn(group, stream, location);
    if (may('logs:CreateLogStream', target) && may('logs:PutLogEvents', target)) {
      logs.write(group, line, location, stream);
    }
  }
}
