import { useEffect } from 'react';

/** A text field or a dialog has the keyboard: single keys then mean what they mean there. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const at = event.target instanceof Element ? event.target : undefined;
  return at?.closest('input, textarea, select, [contenteditable], [role="dialog"]') != null;
}

const SECOND_KEY_MS = 1_500;

/**
 * Binds keys while the calling component is shown. `'g n'` is g and then n. No key here may act by
 * itself: it opens, closes or goes somewhere.
 */
export function useKeys(bindings: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    let first: { key: string; atMs: number } | undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (isTaken(event)) return;
      const recent =
        first !== undefined && event.timeStamp - first.atMs < SECOND_KEY_MS ? first.key : undefined;
      const run =
        (recent === undefined ? undefined : bindings[`${recent} ${event.key}`]) ?? bindings[event.key];
      first = { key: event.key, atMs: event.timeStamp };
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [bindings]);
}
