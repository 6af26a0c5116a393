import type { Commit } from '../base/ids.ts';
import type { ScopePolicy } from './policy.ts';
import type { Signal } from './signal.ts';
import type { ScopeVerdict } from './verdict.ts';

/**
 * A person's word that a change may go this way all the same. `of`: a signal that blocks, or `verdict` for the question
 * the gate asks. It is for one commit: what is pushed later is judged anew.
 */
export type ScopeException = {
  readonly of: Signal | 'verdict';
  readonly to: Commit;
  readonly by: string;
  readonly reason: string;
};

/**
 * passes: it is a fix. asks: a person has to answer. blocked: by a signal the policy names. excepted: everything that
 * spoke against it has a person's word. `open`: what still needs one.
 */
export type ScopeStanding = {
  readonly standing: 'passes' | 'asks' | 'blocked' | 'excepted';
  readonly open: readonly ScopeException['of'][];
  readonly excepted: readonly ScopeException[];
  readonly because: string;
};

type Judged = Pick<ScopeVerdict, 'to' | 'verdict' | 'score' | 'signals' | 'thresholds'>;

/** Where the change stands. Exceptions for another commit, without a name or without a reason count for nothing. */
export function scopeStanding(
  judged: Judged,
  policy: Pick<ScopePolicy, 'blocks'>,
  exceptions: readonly ScopeException[] = [],
): ScopeStanding {
  const { to, verdict, score, signals, thresholds } = judged;
  const found = new Set(signals.map(({ signal }) => signal));
  const blocking = policy.blocks.filter((signal) => found.has(signal));
  const against: ScopeException['of'][] = [...blocking, ...(verdict === 'fix' ? [] : ['verdict' as const])];
  const counts = (one: ScopeException) =>
    one.to === to && one.by.trim() !== '' && one.reason.trim() !== '' && against.includes(one.of);
  const excepted = exceptions.filter(counts);
  const open = against.filter((one) => !excepted.some(({ of }) => of === one));
  const asks = `${verdict === 'feature' ? 'it looks like a feature' : 'it may be a feature'} (score ${score}; below ${thresholds.fixBelow} it is a fix): a person decides`;
  if (against.length === 0)
    return { standing: 'passes', open, excepted, because: 'it is a fix of what exists' };
  if (open.length === 0) return { standing: 'excepted', open, excepted, because: wordsOf(excepted) };
  const blocked = open.filter((one) => one !== 'verdict');
  return blocked.length > 0
    ? {
        standing: 'blocked',
        open,
        excepted,
        because: `the policy lets no ${blocked.join(', ')} pass without an exception`,
      }
    : { standing: 'asks', open, excepted, because: asks };
}

const wordsOf = (excepted: readonly ScopeException[]): string =>
  excepted.map(({ of, by, reason }) => `${of}: ${by}: ${reason}`).join('; ');
