import type { RefusalRow } from './refusal-table.ts';

const inChat = { chat_id: 42 };
const poll = { ...inChat, question: 'Q' };
const invoice = {
  ...inChat,
  title: 'T',
  description: 'D',
  payload: 'P',
  currency: 'XTR',
  prices: [{ label: 'L', amount: 1 }],
};

/** Refusals of polls and payments: a part of the table of refusals. */
export const POLL_AND_PAYMENT_REFUSALS: RefusalRow[] = [
  ['sendPoll', poll, "can't parse options JSON object", 'get_input_poll_options'],
  [
    'sendPoll',
    { ...poll, options: {} },
    'expected an Array of String as options',
    'get_input_poll_options',
  ],
  [
    'sendPoll',
    { ...poll, options: [1] },
    'expected an option to be of type String',
    'get_input_poll_options',
  ],
  [
    'sendPoll',
    { ...poll, options: [] },
    'poll must have at least one answer option',
    'get_poll_options',
  ],
  [
    'sendPoll',
    { ...poll, options: Array.from({ length: 13 }, String) },
    "poll can't have more than 12 options",
    'get_poll_options',
  ],
  [
    'sendPoll',
    { ...poll, question: 'x'.repeat(301), options: ['a'] },
    'poll question length must not exceed 300',
    'create_input_message_content',
  ],
  [
    'sendPoll',
    { ...poll, options: ['a'], type: 'quiz' },
    'correct quiz option list must be non-empty',
    'check_quiz_correct_option_ids',
  ],
  [
    'sendPoll',
    { ...poll, options: ['a'], type: 'quiz', correct_option_id: 1 },
    'wrong quiz correct_option_id',
    'check_quiz_correct_option_ids',
  ],
  [
    'sendPoll',
    { ...poll, options: ['a'], type: 'x' },
    'unsupported poll type specified',
    'process_send_poll_query',
  ],
  ['stopPoll', { ...inChat, message_id: 2 }, 'message is not a poll', 'stop_poll'],
  [
    'stopPoll',
    { ...inChat, message_id: 99 },
    'message with poll to stop not found',
    'check_message',
  ],
  [
    'sendInvoice',
    { ...invoice, title: '' },
    'parameter "title" is required',
    'get_input_message_invoice',
  ],
  [
    'sendInvoice',
    { ...invoice, prices: [] },
    'there must be at least one price',
    'get_labeled_price_parts',
  ],
  [
    'sendInvoice',
    { ...invoice, prices: [{ amount: 1 }] },
    "can't parse labeled price: LabeledPrice label must be non-empty",
    'get_labeled_price_parts',
  ],
  [
    'answerPreCheckoutQuery',
    { pre_checkout_query_id: '1', ok: false },
    'parameter "error_message" is required',
    'process_answer_pre_checkout_query_query',
  ],
  [
    'answerPreCheckoutQuery',
    { pre_checkout_query_id: '1', ok: true },
    'query is too old and response timeout expired or query ID is invalid',
    'fail_query_with_error',
  ],
];
