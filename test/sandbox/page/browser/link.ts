/** `lost`: the browser is trying again. `ended`: several attempts have failed, so the run is over. */
export type Link =
  | { readonly is: 'connecting' }
  | { readonly is: 'open' }
  | { readonly is: 'lost'; readonly attempts: number }
  | { readonly is: 'ended' };

export type LinkEvent = 'opened' | 'failed' | 'refused';

/** The browser waits some seconds between attempts, and a server of another run has another address. */
const ATTEMPTS = 4;

/** Returns the state of the connection after an event of its `EventSource`. `refused`: it will not try again. */
export function linkAfter(link: Link, event: LinkEvent): Link {
  if (event === 'opened') return { is: 'open' };
  if (event === 'refused' || link.is === 'ended') return { is: 'ended' };
  const attempts = link.is === 'lost' ? link.attempts + 1 : 1;
  return attempts < ATTEMPTS ? { is: 'lost', attempts } : { is: 'ended' };
}
