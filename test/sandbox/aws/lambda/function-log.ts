import type { Iam } from '../iam.ts';
import { groupArn, type Logs, streamArn } from '../logs.ts';

/**
 * Where one process of a function logs to. Lambda writes with the rights of the function's role,
 * and a line that the role may not write is lost without a word, as on AWS.
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
      // This is how a group comes back that a stack has just deleted.
      if (!may('logs:CreateLogGroup', groupArn(group))) return;
      logs.createGroup(group, {});
    }
    const target = streamArn(group, stream);
    if (may('logs:CreateLogStream', target) && may('logs:PutLogEvents', target)) {
      logs.write(group, line);
    }
  }
}
