import { HUB } from '../approval/approval.ts';
import type { Digest } from '../base/ids.ts';
import { DAY, dayText, durationText, type Ms, msBetween } from '../base/instant.ts';
import { ok, refuse } from '../base/result.ts';
import { evidenceOn, someFindings, type TestCounts } from '../proof/proof.ts';
import { cutFor } from './cut-for.ts';
import { orphans } from './debts.ts';
import type { Facts } from './facts.ts';
import { type Fix, type FixLine, lineNamed } from './fix.ts';
import { asksAnother, TAKEN_BY_ANOTHER } from './hand-off.ts';
import { rolesFor } from './rights.ts';
import type { Rules } from './rule.ts';

/** What people may say of an image: their word, that they have it, and that a gate is passed over. */
export const PROOF_RULES: Rules<'attest' | 'acknowledge' | 'waive'> = {
  attest: (fix, { gate, line, digest, result, note, counts, findings }, { facts }) => {
    const unfitCounts = counts && unfitPass(result, counts);
    if (unfitCounts !== undefined) return refuse('invalid', unfitCounts);
    const known = facts.component.gates.find((g) => g.name === gate);
    if (known === undefined) return unknownGate(fix, gate, facts);
    const role = known.attestBy;
    if (role === undefined)
      return refuse('invalid', `gate ${gate} is run by the hub, not attested: waive it or fix it`);
    if (!facts.actor.roles.includes(role) && !facts.actor.roles.includes('admin')) {
      return refuse('not-allowed', `gate ${gate} is attested by ${role}`, { whoCan: [role] });
    }
    if (line !== undefined && lineNamed(fix, line) === undefined) return unknownLine(fix, line);
    const named = builtLines(fix).filter(
      (l) => (line === undefined || l.name === line) && (digest === undefined || l.digest === digest),
    );
    const lines = known.check === undefined ? named : named.filter((l) => isUnclear(fix, gate, l));
    if (known.check !== undefined && named.length > 0) {
      const unfit = unfitAnswer(fix, { gate, lines: lines.length, note, actor: facts.actor.name });
      if (unfit !== undefined) return unfit;
    }
    if (lines.length === 0) {
      return refuse(
        'gate-not-met',
        digest ? `no image of ${fix.id} has digest ${digest}` : `${fix.id} has no image yet`,
      );
    }
    return ok(
      lines.map((l) => ({
        type: 'Attested',
        gate,
        line: l.name,
        digest: l.digest,
        result,
        ...(note && { note }),
        ...(counts && { counts }),
        ...(findings && findings.length > 0 && { findings: someFindings(findings) }),
      })),
    );
  },

  acknowledge: (fix, { note }, { facts, now }) => {
    const { handOff } = fix;
    if (handOff === undefined)
      return refuse(
        'wrong-state',
        `nothing of ${fix.id} was handed off: no roster is configured, or no image waits for people`,
      );
    if (handOff.acknowledged)
      return refuse(
        'wrong-state',
        facts.actor.name === handOff.acknowledged.by
          ? `you have it already, since ${dayText(handOff.acknowledged.at)}`
          : `${handOff.acknowledged.by} has it already, since ${dayText(handOff.acknowledged.at)}`,
      );
    if (facts.actor.name === fix.author && asksAnother(fix, facts, now))
      return refuse('two-person-rule', `${TAKEN_BY_ANOTHER}: ${fix.author} declared ${fix.id}`, {
        whoCan: rolesFor('acknowledge', facts),
      });
    return ok([{ type: 'HandOffAcknowledged', ...(note && { note }) }]);
  },

  waive: (fix, { gate, reason, expiresAt }, { facts, now }) => {
    const isKnown = facts.component.gates.some((g) => g.name === gate) || orphans(fix, facts).includes(gate);
    if (!isKnown) return unknownGate(fix, gate, facts);
    if (facts.actor.name === fix.author)
      return refuse('two-person-rule', `${fix.author} declared ${fix.id}: another passes over its gates`, {
        whoCan: rolesFor('waive', facts),
      });
    if (msBetween(now, expiresAt) > WAIVER_MAX_MS)
      return refuse(
        'invalid',
        `a waiver lasts ${durationText(WAIVER_MAX_MS)} at most: it can be given again`,
      );
    const { shadow } = facts.policy.severities[fix.severity].lane;
    if (shadow.includes(gate) && !fix.owes?.some((owed) => owed.gate === gate))
      return refuse('invalid', `gate ${gate} only watches: nothing waits for it, and nothing is owed`);
    if (expiresAt <= now)
      return refuse('invalid', `a waiver must end later than now (${now}), got ${expiresAt}`);
    const cut = cutFor(fix, gate, facts, now);
    return ok([{ type: 'Waived', gate, reason, expiresAt, cut }]);
  },
};

export function unknownLine(fix: Fix, line: string) {
  const known = Object.keys(fix.lines);
  return refuse('unknown-line', `${fix.id} has no line ${line}: it has ${known.join(', ') || 'none yet'}`);
}

function unknownGate(fix: Fix, gate: string, facts: Facts) {
  const known = facts.component.gates.map((g) => g.name).join(', ') || 'none';
  return refuse('invalid', `${fix.component} has no gate ${gate}: it has ${known}`);
}

/** Whether people are asked on this image: a check left it unclear, and has not said other since. A word may be corrected. */
function isUnclear(
  fix: Fix,
  gate: string,
  { name, digest }: { readonly name: string; readonly digest: Digest },
): boolean {
  const on = evidenceOn(fix.evidence, { gate, line: name, digest });
  return on.findLast(({ by }) => by === HUB.name)?.result === 'unclear';
}

/** Longer than any debt should be; what is passed over for good is better taken out of the lane. */
const WAIVER_MAX_MS: Ms = 90 * DAY;

/** Why the counts of reports are no pass. */
function unfitPass(
  result: 'pass' | 'fail',
  { tests, failures, skipped, flaky = 0 }: TestCounts,
): string | undefined {
  if (failures + skipped > tests || flaky > tests)
    return `the counts do not add up: ${failures} failed, ${skipped} skipped and ${flaky} flaky of ${tests}`;
  if (result === 'fail') return undefined;
  if (failures > 0) return `${failures} tests failed in the reports: that is no pass`;
  return tests > skipped ? undefined : 'no test ran in the reports: that is no pass';
}

/** Why a person's word on what a check left unclear does not count. */
function unfitAnswer(
  fix: Fix,
  it: {
    readonly gate: string;
    readonly lines: number;
    readonly note: string | undefined;
    readonly actor: string;
  },
) {
  const { gate, lines, note, actor } = it;
  if (lines === 0)
    return refuse(
      'invalid',
      `gate ${gate} is run by the hub and leaves nothing unclear: waive it or fix it`,
      {
        next: [`fleetfix get evidence --for ${fix.id}`],
      },
    );
  if (actor === fix.author)
    return refuse('two-person-rule', `${actor} declared ${fix.id} and cannot answer what gate ${gate} asks`);
  if (note === undefined || note.trim() === '')
    return refuse('invalid', `gate ${gate} asks a question: its answer needs a reason`, {
      next: [`fleetfix attest ${fix.id} --check ${gate} --result pass --note TEXT`],
    });
  return undefined;
}

function builtLines(fix: Fix) {
  return Object.entries(fix.lines).flatMap(([name, line]: [string, FixLine]) =>
    line.build?.state === 'done' ? [{ name, digest: line.build.digest }] : [],
  );
}
