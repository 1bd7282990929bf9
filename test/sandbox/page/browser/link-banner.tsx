import type { Link } from './link.ts';
import { Icon } from './parts/icon.tsx';

/** Says that what the page shows may be out of date. */
export function LinkBanner({ link }: { readonly link: Link }) {
  const text = TEXTS[link.is];
  return (
    <div role="alert" class="banner-place">
      {text && (
        <p class="banner">
          <Icon name="warning" /> {text}
        </p>
      )}
    </div>
  );
}

const TEXTS: { readonly [Is in Link['is']]?: string } = {
  lost: 'The connection to npm start is lost. Trying again …',
  ended: 'npm start has ended. Start it again, and open the address that it prints.',
};
