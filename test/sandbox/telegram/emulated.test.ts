import { describe, expect, it } from 'vitest';
import { METHOD_NAMES, type MethodName } from './method-names.ts';
import { isEmulated } from './methods.ts';

/**
 * The methods that published examples call, by their libraries: grammyjs/examples and the code in grammyjs/website,
 * and the examples and guides of feathers-studio/telegraf-docs, read in 2026. Shortcuts count as what they call.
 */
const EXAMPLES: Record<'grammY' | 'Telegraf', MethodName[]> = {
  grammY: [
    ...(['answerCallbackQuery', 'answerInlineQuery', 'banChatMember', 'copyMessage'] as const),
    ...(['deleteBusinessMessages', 'deleteMessage', 'deleteWebhook', 'editMessageMedia'] as const),
    ...(['editMessageReplyMarkup', 'editMessageText', 'forwardMessage'] as const),
    ...(['getBusinessConnection', 'getChatMember', 'getFile', 'getMe', 'getWebhookInfo'] as const),
    ...(['sendChatAction', 'sendDocument', 'sendGame', 'sendMediaGroup', 'sendMessage'] as const),
    ...(['sendPhoto', 'setMessageReaction', 'setMyCommands', 'setWebhook'] as const),
  ],
  Telegraf: [
    ...(['answerCallbackQuery', 'answerInlineQuery', 'answerPreCheckoutQuery'] as const),
    ...(['answerShippingQuery', 'answerWebAppQuery', 'copyMessage', 'deleteMessage'] as const),
    ...(['editMessageCaption', 'editMessageLiveLocation', 'editMessageMedia'] as const),
    ...(['getFile', 'getMe', 'getMyCommands', 'sendAnimation', 'sendDice', 'sendGame'] as const),
    ...(['sendInvoice', 'sendLocation', 'sendMediaGroup', 'sendMessage', 'sendPhoto'] as const),
    ...(['sendPoll', 'setChatMenuButton', 'setMyCommands', 'setWebhook'] as const),
  ],
};

/** The methods that are limits of the sandbox, by subject. */
const LIMITS: Record<string, MethodName[]> = {
  account: [
    ...(['logOut', 'close', 'verifyUser', 'verifyChat'] as const),
    ...(['removeUserVerification', 'removeChatVerification', 'setPassportDataErrors'] as const),
    ...(['setUserEmojiStatus', 'getUserPersonalChatMessages'] as const),
  ],
  'newer kinds of messages': [
    ...(['sendRichMessage', 'sendRichMessageDraft', 'sendLivePhoto'] as const),
    ...(['sendChecklist', 'editMessageChecklist', 'answerGuestQuery'] as const),
    ...([
      'savePreparedInlineMessage',
      'savePreparedKeyboardButton',
      'approveSuggestedPost',
    ] as const),
    ...(['declineSuggestedPost'] as const),
  ],
  'ephemeral messages': [
    ...([
      'editEphemeralMessageText',
      'editEphemeralMessageMedia',
      'editEphemeralMessageCaption',
    ] as const),
    ...(['editEphemeralMessageReplyMarkup', 'deleteEphemeralMessage'] as const),
  ],
  'members and their rights': [
    ...(['setChatMemberTag', 'banChatSenderChat', 'unbanChatSenderChat'] as const),
    ...([
      'createChatSubscriptionInviteLink',
      'editChatSubscriptionInviteLink',
      'answerChatJoinRequestQuery',
    ] as const),
    ...(['sendChatJoinRequestWebApp', 'getUserChatBoosts', 'deleteMessageReaction'] as const),
    ...(['deleteAllMessageReactions'] as const),
  ],
  'settings of business accounts': [
    ...(['setBusinessAccountName', 'setBusinessAccountUsername', 'setBusinessAccountBio'] as const),
    ...([
      'setBusinessAccountProfilePhoto',
      'removeBusinessAccountProfilePhoto',
      'setBusinessAccountGiftSettings',
    ] as const),
    ...([
      'getBusinessAccountStarBalance',
      'transferBusinessAccountStars',
      'getBusinessAccountGifts',
    ] as const),
  ],
  'managed bots': [
    ...(['getManagedBotToken', 'replaceManagedBotToken', 'getManagedBotAccessSettings'] as const),
    ...(['setManagedBotAccessSettings'] as const),
  ],
  'gifts and stars': [
    ...(['getUserGifts', 'getChatGifts', 'convertGiftToStars'] as const),
    ...(['upgradeGift', 'transferGift', 'getAvailableGifts'] as const),
    ...(['sendGift', 'giftPremiumSubscription', 'getStarTransactions'] as const),
    ...(['editUserStarSubscription'] as const),
  ],
  stories: [...(['postStory', 'repostStory', 'editStory'] as const), ...(['deleteStory'] as const)],
  stickers: [
    ...(['getStickerSet', 'getCustomEmojiStickers', 'uploadStickerFile'] as const),
    ...(['createNewStickerSet', 'addStickerToSet', 'setStickerPositionInSet'] as const),
    ...(['deleteStickerFromSet', 'replaceStickerInSet', 'setStickerEmojiList'] as const),
    ...(['setStickerKeywords', 'setStickerMaskPosition', 'setStickerSetTitle'] as const),
    ...([
      'deleteStickerSet',
      'setStickerSetThumbnail',
      'setCustomEmojiStickerSetThumbnail',
    ] as const),
    ...(['setChatStickerSet', 'deleteChatStickerSet', 'getForumTopicIconStickers'] as const),
  ],
};

const share = (names: readonly MethodName[]) => names.filter(isEmulated).length / names.length;

describe('the methods that the sandbox emulates', () => {
  it('are all but the known limits, which are fewer than half of the Bot API', () => {
    const limits = METHOD_NAMES.filter((name) => !isEmulated(name));
    expect([...limits].sort()).toEqual(Object.values(LIMITS).flat().sort());
    expect(limits.length).toBeLessThan(METHOD_NAMES.length / 2);
  });

  it('are at least 95 % of those that published examples call', () => {
    const called = new Set(Object.values(EXAMPLES).flat());
    expect(share([...called])).toBeGreaterThanOrEqual(0.95);
    expect([...called].filter((name) => !isEmulated(name))).toEqual([]);
  });
});
