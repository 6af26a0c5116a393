import type { Digest } from '../base/ids.ts';
import { ok, refuse } from '../base/result.ts';
import { someFindings } from '../proof/proof.ts';
import { cutFor } from './cut-for.ts';
import type { Facts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';
import type { Rules } from './rule.ts';

/** What people may say of an image: their word, that they have it, and that a gate is passed over. */
export const PROOF_RULES: Rules<'attest' | 'acknowledge' | 'waive'> = {
  attest: (fix, { gate, line, digest, result, note, counts, findings }, { facts }) => {
    if (result === 'pass' && counts !== undefined && counts.failures > 0)
      return refuse('invalid', `${counts.failures} tests failed in the reports: that is no pass`);
    const known = facts.component.gates.find((g) => g.name === gate);
    if (known === undefined) return unknownGate(fix, gate, facts);
    const role = known.attestBy;
    if (role === undefined)
      return refuse('invalid', `gate ${gate} is run by the hub, not attested: waive it or fix it`);
    if (!facts.actor.roles.includes(role) && !facts.actor.roles.includes('admin')) {
      return refuse('not-allowed', `gate ${gate} is attested by ${role}`, { whoCan: [role] });
    }
    if (line !== undefined && fix.lines[line] === undefined) return unknownLine(fix, line);
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

  acknowledge: (fix, { note }) => {
    const { handOff } = fix;
    if (handOff === undefined)
      return refuse(
        'wrong-state',
        `nothing of ${fix.id} was handed off: no roster is configured, or no image waits for people`,
      );
    if (handOff.acknowledged)
      return refuse(
        'wrong-state',
        `${handOff.acknowledged.by} has it already, since ${handOff.acknowledged.at}`,
      );
    return ok([{ type: 'HandOffAcknowledged', ...(note && { note }) }]);
  },

  waive: (fix, { gate, reason, expiresAt }, { facts, now }) => {
    if (!facts.component.gates.some((g) => g.name === gate)) return unknownGate(fix, gate, facts);
    const { shadow } = facts.policy.severities[fix.severity].lane;
    if (shadow.includes(gate))
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

const isUnclear = (
  fix: Fix,
  gate: string,
  { name, digest }: { readonly name: string; readonly digest: Digest },
): boolean =>
  fix.evidence.findLast((e) => e.gate === gate && e.line === name && e.digest === digest)?.result ===
  'unclear';

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
