import { randomBytes } from 'node:crypto';
import type { Invoice, LabeledPrice, Message } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { InvoiceTerms } from '../state/dialog.ts';
import {
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  prefixed,
  required,
  userIn,
} from './method.ts';
import { destinationOf, sendTo } from './sending.ts';

export const paymentMethods: MethodTable = {
  sendInvoice,
  createInvoiceLink: ({ parameters }) => {
    readInvoice(parameters);
    return `https://t.me/$${randomBytes(12).toString('base64url')}`;
  },
  refundStarPayment: (call) => {
    const { bot, parameters } = call;
    const charge = required(parameters, 'telegram_payment_charge_id');
    const person = bot.findPerson(userIn(call).id);
    const receipt = person?.messages.find(
      ({ successful_payment }) => successful_payment?.telegram_payment_charge_id === charge,
    );
    // Telegram's server; seen in its documentation of refundStarsCharge.
    if (receipt?.successful_payment?.currency !== 'XTR') throw badRequest('CHARGE_ID_INVALID');
    return true;
  },
  getMyStarBalance: () => ({ amount: 0 }),
};

/** Client::get_input_message_invoice */
function readInvoice(parameters: Parameters): { invoice: Invoice; terms: InvoiceTerms } {
  const title = required(parameters, 'title');
  const description = required(parameters, 'description');
  const payload = required(parameters, 'payload');
  const currency = required(parameters, 'currency');
  required(parameters, 'prices');
  const prices = readPrices(jsonOf(parameters, 'prices', "can't parse prices JSON object"));
  // Telegram's server: https://core.telegram.org/method/messages.sendMedia
  if (!/^[A-Z]{3}$/.test(currency)) throw badRequest('CURRENCY_INVALID');
  const isStars = currency === 'XTR';
  if (!isStars && parameters.text('provider_token') === '') {
    throw badRequest('PAYMENT_PROVIDER_INVALID');
  }
  const total = prices.reduce((sum, { amount }) => sum + amount, 0);
  if (total <= 0) throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID');
  const needsShippingAddress = parameters.flag('need_shipping_address');
  return {
    invoice: {
      title,
      description,
      start_parameter: parameters.text('start_parameter'),
      currency,
      total_amount: total,
    },
    terms: {
      payload,
      currency,
      totalAmount: total,
      // Without an address there is nothing to adjust the price to.
      isFlexible: parameters.flag('is_flexible') && needsShippingAddress,
      needsShippingAddress,
      asksFor: {
        name: parameters.flag('need_name'),
        phone: parameters.flag('need_phone_number'),
        email: parameters.flag('need_email'),
      },
    },
  };
}

/** Client::get_labeled_price_parts */
export function readPrices(values: unknown): LabeledPrice[] {
  if (!Array.isArray(values)) throw badRequest('expected an Array of labeled prices');
  if (values.length === 0) throw badRequest('there must be at least one price');
  return values.map((value) =>
    prefixed("can't parse labeled price: ", () => {
      if (!isRecord(value)) throw badRequest('LabeledPrice must be an Object');
      if (!value.label) throw badRequest('LabeledPrice label must be non-empty');
      const amount = Number(value.amount);
      if (!Number.isInteger(amount)) {
        throw badRequest('Field "amount" must be of type Number or String');
      }
      return { label: String(value.label), amount };
    }),
  );
}

function sendInvoice(call: MethodCall): Message.InvoiceMessage {
  const { invoice, terms } = readInvoice(call.parameters);
  const destination = destinationOf(call, { invoice: true });
  const own = destination.markup;
  const first = own && 'inline_keyboard' in own ? own.inline_keyboard[0]?.[0] : undefined;
  if (own && !(first && 'pay' in first)) throw badRequest('REPLY_MARKUP_BUY_EMPTY');
  // Without a keyboard, Telegram adds the button itself.
  const pay = { text: `Pay ${priceOf(invoice)}`, pay: true };
  const markup = own ?? { inline_keyboard: [[pay]] };
  const message = sendTo<Message.InvoiceMessage>(call, { ...destination, markup }, { invoice });
  destination.dialog.invoices.set(message.message_id, terms);
  return message;
}

function priceOf({ currency, total_amount }: Invoice): string {
  if (currency === 'XTR') return `⭐️${total_amount}`;
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  const { maximumFractionDigits = 2 } = money.resolvedOptions();
  return money.format(total_amount / 10 ** maximumFractionDigits);
}
