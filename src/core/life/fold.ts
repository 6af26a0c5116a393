import type { Instant } from '../base/instant.ts';
import type { Event } from './event.ts';
import type { Fix } from './fix.ts';

/** What one kind of event makes of a fix; the version and the state are the caller's. */
export type Fold<T extends Event['type']> = (
  fix: Fix,
  event: Extract<Event, { type: T }>,
  context: { readonly at: Instant; readonly author: string },
) => Fix;

export type Folds<T extends Event['type']> = { readonly [Type in T]: Fold<Type> };
