import type { Disagreement } from '../../core/verdict/reports.ts';
import { said } from './markup.ts';

/** What stands below a suite. `elements`: failures and errors, of which a case may have several. */
export type Tally = { tests: number; failing: number; elements: number; skipped: number };
export const noTests = (): Tally => ({ tests: 0, failing: 0, elements: 0, skipped: 0 });

export function addTally(to: Tally, more: Tally): void {
  to.tests += more.tests;
  to.failing += more.failing;
  to.elements += more.elements;
  to.skipped += more.skipped;
}

export type SuiteTotals = {
  readonly own: Tally;
  /** With everything below. */
  readonly all: Tally;
  /** Suites right below, those of them in which something failed, and failures that only their totals know of. */
  readonly suites: { count: number; failing: number; hidden: number };
};

/**
 * Failures that totals claim and no case shows: of the suite itself, or of those below, whichever are more. A total
 * that is no number hides one.
 */
export const hiddenFailures = (
  { suites }: SuiteTotals,
  disagreements: readonly Pick<Disagreement, 'of' | 'claimed' | 'counted'>[],
): number =>
  disagreements.reduce(
    (most, { of, claimed, counted }) =>
      of === 'failures' ? Math.max(most, Number.isNaN(claimed) ? 1 : claimed - counted) : most,
    suites.hidden,
  );

/**
 * Where the totals of a suite differ from its cases. Dialects count in many ways: with the suites below or without,
 * a suite as a test (Node), skipped tests that are not listed (Mocha). A total that is true in one of them is; one that
 * is no number never is, and `claimed` is NaN.
 */
export function disagreementsOf(
  attributes: ReadonlyMap<string, string>,
  { own, all, suites }: SuiteTotals,
): Omit<Disagreement, 'report' | 'suite'>[] {
  const claims = (name: string) => numberOf(said(attributes, name));
  const skips = (claims('skipped') ?? 0) + (claims('disabled') ?? 0) + (claims('ignored') ?? 0);
  const tests = claims('tests');
  const [failures, errors] = [claims('failures'), claims('errors')];
  const failing =
    failures === undefined && errors === undefined ? undefined : (failures ?? 0) + (errors ?? 0);
  return [
    ...judged('tests', tests, [0, skips], [own.tests, all.tests, own.tests + suites.count]),
    ...judged(
      'failures',
      failing,
      [0],
      [...[own.failing, all.failing, own.elements, all.elements], own.failing + suites.failing],
    ),
    ...judged('skipped', claims('skipped'), [0, -(claims('disabled') ?? 0)], [own.skipped, all.skipped]),
  ];
}

/** `apart`: what the total may count besides, or leave to another total. */
function judged(
  of: Disagreement['of'],
  claimed: number | undefined,
  apart: readonly number[],
  counts: readonly number[],
): Omit<Disagreement, 'report' | 'suite'>[] {
  if (claimed === undefined) return [];
  if (counts.some((count) => apart.some((more) => count + more === claimed))) return [];
  const near = counts.reduce((a, b) => (Math.abs(b - claimed) < Math.abs(a - claimed) ? b : a));
  return [{ of, claimed, counted: near }];
}

/** `1,234` as some tools write it, NaN for what is no count. A total that is there and empty claims nothing. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.0)?$/.test(text)) return Number.NaN;
  return Math.min(Number(text.replaceAll(',', '')), Number.MAX_SAFE_INTEGER);
}
