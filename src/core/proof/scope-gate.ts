import type { ScopePolicy } from '../scope/policy.ts';
import { scopeStanding } from '../scope/standing.ts';
import type { ScopeVerdict } from '../scope/verdict.ts';
import type { Judged } from './judged.ts';
import { type Finding, someFindings } from './proof.ts';

/**
 * What the scope of a change comes to as a gate: a fix passes, what looks like a feature is a question for a person, and what
 * the policy blocks by name fails until somebody waives it with a reason.
 */
export function judgeScope(verdict: ScopeVerdict, policy: ScopePolicy): Judged {
  const { standing, because } = scopeStanding(verdict, policy);
  const about = `${verdict.verdict} (${verdict.score}): ${verdict.because}`;
  const findings = someFindings([...sightings(verdict), ...untested(verdict)]);
  if (standing === 'passes') return { result: 'pass', note: about, findings };
  if (standing === 'blocked') return { result: 'fail', note: `${because}; ${about}`, findings };
  return { result: 'unclear', note: `${because}; ${verdict.because}`, findings };
}

/** What weighs most comes first. */
const sightings = ({ signals }: ScopeVerdict): Finding[] =>
  signals
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ signal, path, line, what }) => ({
      text: `${signal}: ${what}`,
      path,
      ...(line !== undefined && { line }),
    }));

const untested = ({ tests }: ScopeVerdict): Finding[] =>
  tests.uncovered.map(({ path, name }) => ({ text: `no test of its package reaches ${name}`, path }));
