import { useEffect } from 'react';

/** Names the tab, so that several fixes open side by side can be told apart. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Fleetfix`;
  }, [title]);
}
