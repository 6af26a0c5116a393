import { useState } from 'react';

/**
 * The last error of a query, also while it is being asked again: a page that says what is wrong should
 * not blink at every attempt. Undefined before the first.
 */
export function useKeptError(error: Error | null): Error | undefined {
  const [kept, keep] = useState<Error>();
  if (error !== null && error !== kept) keep(error);
  return error ?? kept;
}
