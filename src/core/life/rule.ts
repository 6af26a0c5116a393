import type { Instant } from '../base/instant.ts';
import type { Refusal, Result } from '../base/result.ts';
import type { Command, CommandName } from './command.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';

export type Decision = Result<readonly Event[], Refusal>;

/** What one act of a person does to a fix, once right and state are judged. */
export type Rule<N extends CommandName> = (
  fix: Fix,
  command: Extract<Command, { do: N }>,
  context: { readonly facts: Facts; readonly now: Instant },
) => Decision;

export type Rules<N extends CommandName> = { readonly [Name in N]: Rule<Name> };
