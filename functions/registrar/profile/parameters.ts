import type { PhotoProperties, ProfileProperties } from '../../contract.ts';
import { parseBotProperties } from '../bot/identify.ts';
import { type Described, requireList } from '../event.ts';
import type { ProfileParameters } from './set-profile.ts';

/**
 * Parses the properties of a profile.
 *
 * @throws DeploymentError when a property is missing, which no template of the kit causes
 */
export function parseProfile(event: Described): ProfileParameters {
  const { Photo } = event.ResourceProperties as Partial<ProfileProperties>;
  return {
    ...parseBotProperties(event),
    Slots: requireList(event, 'Slots' satisfies keyof ProfileProperties),
    Photo: Photo as PhotoProperties | undefined,
  };
}
