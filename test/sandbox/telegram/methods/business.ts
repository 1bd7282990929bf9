import { badRequest } from '../bot-api-error.ts';
import type { BusinessAccount } from '../person/business.ts';
import type { Dialog } from '../state/dialog.ts';
import {
  type Access,
  dialogOf,
  type MethodCall,
  type MethodTable,
  messageIds,
  namedMessage,
} from './method.ts';

export const businessMethods: MethodTable = {
  getBusinessConnection: (call) => accountOf(call).connection,
  readBusinessMessage: (call) => {
    namedMessage(businessDialogOf(call), call.parameters, 'message to read');
    return true;
  },
  deleteBusinessMessages: (call) => {
    const ids = messageIds(call.parameters);
    const dialogs = accountOf(call).allDialogs;
    for (const id of ids) dialogs.find((dialog) => dialog.find(id))?.delete(id);
    return true;
  },
};

/** Returns the chat of the call: a customer's if it names a business connection, or else the bot's own. */
export function anyDialogOf(call: MethodCall, access: Access): Dialog {
  const isBusiness = call.parameters.text('business_connection_id') !== '';
  return isBusiness ? businessDialogOf(call) : dialogOf(call, access);
}

/** Client::check_business_connection */
function accountOf({ bot, parameters }: MethodCall): BusinessAccount {
  const account = bot.businessAccounts.get(parameters.text('business_connection_id'));
  if (!account) throw badRequest('business connection not found');
  return account;
}

/** Client::check_business_connection_chat_id, then BusinessConnectionManager::check_business_connection */
function businessDialogOf(call: MethodCall): Dialog {
  const chatId = call.parameters.text('chat_id');
  if (chatId === '') throw badRequest('chat identifier is empty');
  if (!/^-?\d+$/.test(chatId)) throw badRequest('chat identifier must be a valid Integer');
  const account = accountOf(call);
  if (Number(chatId) === account.owner.id) throw badRequest('messages must not be sent to self');
  const dialog = account.findDialog(Number(chatId));
  // Telegram's server: https://core.telegram.org/api/bots/connected-business-bots
  if (!dialog?.met) throw badRequest('BUSINESS_PEER_INVALID');
  if (!account.connection.is_enabled) throw badRequest('BUSINESS_CONNECTION_NOT_ALLOWED');
  return dialog;
}
