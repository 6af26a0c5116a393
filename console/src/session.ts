// The token lives in this tab only, and goes with it. It is never put into an address.
const KEY = 'fleetfix.token';
const watchers = new Set<() => void>();
let endedBecause: string | undefined;

const tell = (): void => {
  for (const watcher of watchers) watcher();
};

export const token = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

export function beginSession(newToken: string): void {
  sessionStorage.setItem(KEY, newToken);
  endedBecause = undefined;
  tell();
}

/** `because` is shown on the login page; undefined when the person logged out. */
export function endSession(because?: string): void {
  sessionStorage.removeItem(KEY);
  endedBecause = because;
  tell();
}

export const whyEnded = (): string | undefined => endedBecause;

export function watchSession(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
