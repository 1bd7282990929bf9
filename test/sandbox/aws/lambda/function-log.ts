import type { Iam } from '../iam.ts';
import { groupArn, type Logs, streamArn } from '../logs.ts';

/**
 * The log of one execution environment. Lambda writes with the permissions of the function's role. As
 * on AWS, a line that the role may not write is silently lost.
 */
export class FunctionLog {
  private readonly options: {
    iam: Iam;
    logs: Logs;
    roleArn: string;
    group: string;
    stream: string;
  };

  constructor(options: { iam: Iam; logs: Logs; roleArn: string; group: string; stream: string }) {
    this.options = options;
  }

  write(line: string): void {
    const { iam, logs, roleArn, group, stream } = this.options;
    const may = (action: string, resource: string) => iam.allows(roleArn, action, resource);
    if (!logs.has(group)) {
      // This is how a log group reappears after a stack has deleted it.
      if (!may('logs:CreateLogGroup', groupArn(group))) return;
      logs.createGroup(group, {});
    }
    const target = streamArn(group, stream);
    if (may('logs:CreateLogStream', target) && may('logs:PutLogEvents', target)) {
      logs.write(group, line);
    }
  }
}
