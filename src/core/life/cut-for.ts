import type { Instant } from '../base/instant.ts';
import { USUAL } from '../pace/pace.ts';
import { type Cut, weighCut } from '../proof/cut.ts';
import type { Finding } from '../proof/proof.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { recordOf } from './gate-record.ts';
import { burningIn, hoursSince } from './urgency-for.ts';

/** Signals of the scope gate whose change stays when the image goes back. */
const STAYS = /^(migration|schema-field|api-field): /;

/** What it costs to wait for a gate of this fix, and what it may cost to pass over it. */
export function cutFor(
  fix: Fix,
  gate: string,
  facts: Pick<Facts, 'component' | 'fleet' | 'others' | 'policy'>,
  now: Instant,
): Cut {
  const takesMs = facts.component.gates.find(({ name }) => name === gate)?.takesMs;
  const findings = fix.evidence.flatMap((e) => e.findings ?? []);
  const others = facts.others.filter(({ id, component }) => id !== fix.id && component === fix.component);
  return weighCut({
    gate,
    past: { ...(takesMs !== undefined && { tookMs: takesMs }), ...recordOf(gate, others) },
    perHour: perHour(fix, facts, now),
    firstWave: facts.policy.pace.oneBox ?? USUAL.oneBox,
    irreversible: [...new Set(findings.map(placed).filter((text) => text !== ''))],
  });
}

const placed = ({ text, path }: Finding): string => (STAYS.test(text) ? `${text} (${path})` : '');

/** Those that burn now came since it was declared: more will, as fast. */
const perHour = (fix: Fix, { fleet }: Pick<Facts, 'fleet'>, now: Instant): number | undefined =>
  fix.symptom === undefined ? undefined : burningIn(fix, fleet) / hoursSince(fix, now);
