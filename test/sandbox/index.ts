/**
 * The sandbox's public interface: an AWS account and a Telegram on this machine. Other folders import
 * only this file.
 */
export { arnOf, REGION } from './aws/account.ts';
export { Aws } from './aws/aws.ts';
export type { BatchReport } from './aws/event-sources/event-source-mapping.ts';
export { type Credentials, Iam } from './aws/iam.ts';
export { FunctionLog } from './aws/lambda/function-log.ts';
export type { CompletedInvocation, FunctionConfiguration } from './aws/lambda/lambda.ts';
export type { LambdaService } from './aws/lambda/lambda-service.ts';
export { type Permission, Permissions } from './aws/lambda/permissions.ts';
export { Logs } from './aws/logs.ts';
export { ServiceError } from './aws/service-error.ts';
export { FifoQueue } from './aws/sqs/fifo-queue.ts';
export { readAppCommand, readCliContext } from './cdk-json.ts';
export { type Clock, ManualClock, settle } from './clock.ts';
export { readAssembly, type StackArtifact } from './cloudformation/assembly.ts';
export {
  CloudFormation,
  type Intercept,
  type ResourceFault,
  type StackState,
} from './cloudformation/cloudformation.ts';
export { parseTemplate } from './cloudformation/template.ts';
export type { Mode } from './leniency.ts';
export { OtherTelegram } from './live/other-telegram.ts';
export { type Certificate, makeCertificate } from './network/certificate.ts';
export type { HostHandler, LocalRequest, LocalResponse } from './network/local-network.ts';
export type { Network, NetworkRequest, NetworkResponse } from './network/network.ts';
export { asTest } from './page/browser/timeline/as-test.ts';
export type { Action as PageAction, PageEvent } from './page/protocol.ts';
export { isRegistrar } from './registrar.ts';
export { Sandbox, type SandboxOptions } from './sandbox.ts';
export { bundleForThisMachine, synthesize } from './synthesize.ts';
export { Bot } from './telegram/bot.ts';
export type { RecordedCall } from './telegram/bot-api.ts';
export { BotApiError, badRequest, tooManyRequests } from './telegram/bot-api-error.ts';
export { type BotMessage, Chat, type SendOptions } from './telegram/chat.ts';
export { fakeToken } from './telegram/fake-token.ts';
export { refusal, type TelegramFault } from './telegram/faults.ts';
export type { BusinessAccount } from './telegram/person/business.ts';
export type { ButtonKind, ButtonView } from './telegram/person/buttons.ts';
export type { Group, GroupOptions } from './telegram/person/group.ts';
export type { InlineAnswer, InlineChoice } from './telegram/person/inline-mode.ts';
export type { PaymentResult } from './telegram/person/payment.ts';
export type { Person } from './telegram/person/person.ts';
export type { CallbackAnswer, PressOutcome } from './telegram/person/press.ts';
export type { FileToSend } from './telegram/person/sent-file.ts';
export type { Draft, ReactionChange } from './telegram/state/dialog.ts';
export { type DeliveryReport, Telegram } from './telegram/telegram.ts';
export type { WebhookState } from './telegram/webhook.ts';
export { findLocalBots, type LocalBot } from './terminal/bots.ts';
export { isError, readableLog } from './terminal/readable-log.ts';
export type {
  InvocationEntry,
  TimelineEntry,
  UpdateEntry,
  UpdateStatus,
} from './timeline/entries.ts';
export { Timeline } from './timeline/timeline.ts';
