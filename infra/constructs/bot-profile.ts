import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import {
  type BotProperties,
  type DeclaredProfile,
  type PhotoProperties,
  type ProfileAttributes,
  type ProfileProperties,
  ResourceType,
} from '../../functions/contract.ts';
import { type ProfileSettings, toSlots } from '../settings/profile.ts';
import type { BotIdentity } from './bot-identity.ts';
import { Registrar } from './registrar.ts';

export interface BotProfileProps {
  readonly identity: BotIdentity;
  readonly profile: ProfileSettings;
  /** The custom resource's other properties. */
  readonly properties: BotProperties;
}

/**
 * Sets what users see of the bot: its texts, commands, menu buttons and photo, and the rights that it asks for. It needs
 * neither the endpoint nor the webhook.
 */
export class BotProfile extends Construct {
  /** What the watch compares with Telegram. */
  readonly declared: DeclaredProfile;
  /** What only the watch can complete: known during the deploy. */
  readonly unfinished: string;

  constructor(scope: Construct, id: string, props: BotProfileProps) {
    super(scope, id);
    const { identity, profile, properties } = props;
    const registrar = Registrar.getOrCreate(this);
    const Slots = toSlots(profile, this);
    const photo = profile.photo === undefined ? undefined : photoAsset(this, profile.photo);
    this.declared = { Slots, Photo: photo?.properties };
    const resource = registrar.addResource(this, 'Resource', {
      type: ResourceType.profile,
      permission: identity.tokenReader,
      properties: {
        ...properties,
        ...this.declared,
        Slots: Slots.map((slot) => toAscii(slot, Stack.of(this))),
      } satisfies ProfileProperties,
    });
    resource.node.addDependency(identity);
    if (photo) resource.node.addDependency(registrar.assetReader(photo.asset, this));
    this.unfinished = resource.getAttString('Unfinished' satisfies keyof ProfileAttributes);
  }
}

/**
 * Escapes the characters of JSON that are not ASCII. CloudFormation returns a template with question marks in their place,
 * so `npm run plan` and `cdk diff` would not see what changes.
 */
function toAscii(json: string, stack: Stack): string {
  const text: unknown = stack.resolve(json);
  // Values that are known only during the deploy make it an intrinsic function.
  if (typeof text !== 'string') return json;
  return text.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function photoAsset(
  scope: Construct,
  photo: NonNullable<ProfileSettings['photo']>,
): { asset: Asset; properties: PhotoProperties } {
  const isAnimated = typeof photo !== 'string';
  const asset = new Asset(scope, 'Photo', { path: isAnimated ? photo.animated : photo });
  const { mainFrameTimestamp } = isAnimated ? photo : {};
  return {
    asset,
    properties: {
      Url: asset.httpUrl,
      Type: isAnimated ? 'animated' : 'static',
      MainFrameTimestamp: mainFrameTimestamp === undefined ? undefined : String(mainFrameTimestamp),
    },
  };
}
