import { randomBytes } from 'node:crypto';
import type {
  Message,
  OrderInfo,
  ShippingAddress,
  ShippingOption,
  SuccessfulPayment,
  User,
} from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import type { Dialog, InvoiceTerms } from '../state/dialog.ts';
import { deliverMessage } from './visibility.ts';

export interface PaymentResult {
  readonly paid: boolean;
  /** The bot's reason against the payment. */
  readonly error?: string;
  /** The service message that tells the bot of the payment. */
  readonly message?: Message;
}

/** A bot's answer to a shipping query or to a pre-checkout query. */
export interface CheckoutAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly shippingOptions?: readonly ShippingOption[];
}

const ADDRESS: ShippingAddress = {
  country_code: 'GB',
  state: '',
  city: 'London',
  street_line1: '12 St James Square',
  street_line2: '',
  post_code: 'SW1Y 4JH',
};

/** Pays an invoice, and takes the first shipping option. Resolves when the bot has answered all queries. */
export async function payInvoice(
  bot: Bot,
  dialog: Dialog,
  person: User,
  message: Message,
): Promise<PaymentResult> {
  const terms = dialog.invoices.get(message.message_id);
  if (!terms) return { paid: false, error: 'This message is not an invoice of the bot' };
  let total = terms.totalAmount;
  let option: ShippingOption | undefined;
  if (terms.isFlexible) {
    const { id, answer } = bot.queries.ask<CheckoutAnswer>('shipping');
    bot.receive({
      shipping_query: {
        id,
        from: person,
        invoice_payload: terms.payload,
        shipping_address: ADDRESS,
      },
    });
    const { ok, error, shippingOptions } = await answer;
    if (!ok) return { paid: false, ...(error && { error }) };
    option = shippingOptions?.[0];
    total += option?.prices.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
  }
  const info = orderInfo(terms, person);
  const order = {
    currency: terms.currency,
    total_amount: total,
    invoice_payload: terms.payload,
    ...(option && { shipping_option_id: option.id }),
    ...(info && { order_info: info }),
  };
  const { id, answer } = bot.queries.ask<CheckoutAnswer>('pre-checkout');
  bot.receive({ pre_checkout_query: { id, from: person, ...order } });
  const { ok, error } = await answer;
  if (!ok) return { paid: false, ...(error && { error }) };
  const charge = randomBytes(12).toString('hex');
  const successful_payment: SuccessfulPayment = {
    ...order,
    telegram_payment_charge_id: `sandbox_${charge}`,
    provider_payment_charge_id: terms.currency === 'XTR' ? '' : `provider_${charge}`,
  };
  const receipt = dialog.post({ from: person, successful_payment });
  deliverMessage(bot, dialog, receipt);
  return { paid: true, message: receipt };
}

function orderInfo(
  { asksFor, needsShippingAddress }: InvoiceTerms,
  person: User,
): OrderInfo | undefined {
  const info: OrderInfo = {
    ...(asksFor.name && { name: person.first_name }),
    ...(asksFor.phone && { phone_number: '+15550100' }),
    ...(asksFor.email && { email: 'person@example.com' }),
    ...(needsShippingAddress && { shipping_address: ADDRESS }),
  };
  return Object.keys(info).length > 0 ? info : undefined;
}
