import type { InlineQueryResultsButton, SentWebAppMessage, ShippingOption } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { InlineAnswer } from '../person/inline-mode.ts';
import type { CheckoutAnswer } from '../person/payment.ts';
import type { CallbackAnswer, WebAppAnswer } from '../person/press.ts';
import type { QueryKind } from '../state/queries.ts';
import { readInlineResult, readInlineResults } from './inline-results.ts';
import {
  integerOf,
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  prefixed,
  required,
} from './method.ts';
import { readPrices } from './payments.ts';

/** Answers to what people do: pressed buttons, inline queries, payments, Mini Apps. */
export const queryMethods: MethodTable = {
  answerCallbackQuery: (call) => {
    const { parameters } = call;
    const text = parameters.text('text');
    // Telegram's server; the limit is in the documentation of answerCallbackQuery.
    if ([...text].length > 200) throw badRequest('MESSAGE_TOO_LONG');
    const url = parameters.text('url');
    const answer: CallbackAnswer = {
      text,
      showAlert: parameters.flag('show_alert'),
      ...(url && { url }),
    };
    return settle(call, 'callback', 'callback_query_id', answer);
  },
  answerInlineQuery: (call) => {
    const { parameters } = call;
    const button = readButton(call);
    const choices = readInlineResults(call);
    const answer: Omit<InlineAnswer, 'query'> = {
      choices,
      results: choices.map(({ result }) => result),
      nextOffset: parameters.text('next_offset'),
      isPersonal: parameters.flag('is_personal'),
      cacheTime: integerOf(parameters, 'cache_time', 300),
      button,
    };
    return settle(call, 'inline', 'inline_query_id', answer);
  },
  answerShippingQuery: (call) => {
    const ok = call.parameters.flag('ok');
    const answer: CheckoutAnswer = ok
      ? { ok, shippingOptions: readShippingOptions(call) }
      : { ok, error: required(call.parameters, 'error_message') };
    return settle(call, 'shipping', 'shipping_query_id', answer);
  },
  answerPreCheckoutQuery: (call) => {
    const ok = call.parameters.flag('ok');
    const answer: CheckoutAnswer = ok
      ? { ok }
      : { ok, error: required(call.parameters, 'error_message') };
    return settle(call, 'pre-checkout', 'pre_checkout_query_id', answer);
  },
  answerWebAppQuery,
};

function settle({ bot, parameters }: MethodCall, kind: QueryKind, name: string, answer: unknown) {
  if (!bot.queries.answer(kind, parameters.text(name), answer)) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  }
  return true as const;
}

/** Client::get_inline_query_results_button */
function readButton({ parameters }: MethodCall): InlineQueryResultsButton | undefined {
  const refusal = "can't parse inline query results button JSON object";
  const value = jsonOf(parameters, 'button', refusal);
  if (value === undefined) {
    const text = parameters.text('switch_pm_text');
    return text ? { text, start_parameter: parameters.text('switch_pm_parameter') } : undefined;
  }
  if (!isRecord(value)) throw badRequest('InlineQueryResultsButton must be an Object');
  if (value.start_parameter === undefined && value.web_app === undefined) {
    throw badRequest('InlineQueryResultsButton must have exactly one optional field');
  }
  return value as unknown as InlineQueryResultsButton;
}

/** Client::get_shipping_options */
function readShippingOptions({ parameters }: MethodCall): ShippingOption[] {
  required(parameters, 'shipping_options');
  const refusal = "can't parse shipping options JSON object";
  const values = jsonOf(parameters, 'shipping_options', refusal);
  if (!Array.isArray(values)) throw badRequest('expected an Array of shipping options');
  if (values.length === 0) throw badRequest('there must be at least one shipping option');
  return values.map((value) =>
    prefixed("can't parse shipping option: ", () => {
      if (!isRecord(value)) throw badRequest('ShippingOption must be an Object');
      if (!value.id) throw badRequest('ShippingOption identifier must be non-empty');
      if (!value.title) throw badRequest('ShippingOption title must be non-empty');
      return { id: String(value.id), title: String(value.title), prices: readPrices(value.prices) };
    }),
  );
}

/** Sends the result into the chat in which the Mini App was opened, as the person's message. */
function answerWebAppQuery(call: MethodCall): SentWebAppMessage {
  const { parameters } = call;
  if (parameters.text('result') === '') throw badRequest("result isn't specified");
  const refusal = "can't parse JSON encoded web view query results";
  const choice = readInlineResult(call, jsonOf(parameters, 'result', refusal));
  let inline_message_id = '';
  const answer: WebAppAnswer = {
    choice,
    sent: (id) => {
      inline_message_id = id;
    },
  };
  settle(call, 'web app', 'web_app_query_id', answer);
  return { inline_message_id };
}
