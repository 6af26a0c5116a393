import { quorum } from '../approval/approval.ts';
import { bestFirst, conflictText, proposalText, takeCommand } from '../assembly/proposals.ts';
import { type Instant, instantOf } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import { FOREIGN_IMAGE } from '../coverage/standing.ts';
import { isRetiring, isSettled } from '../life/evolve.ts';
import type { Facts } from '../life/facts.ts';
import { type Fix, type FixLine, isOver } from '../life/fix.ts';
import { asksPeople, handOffText } from '../life/hand-off.ts';
import { approversOf } from '../life/plan-for.ts';
import { gatesOf } from '../life/readiness.ts';
import { againText } from '../proof/look-again.ts';
import { isOpen } from '../proof/proof.ts';
import { isBlind } from '../rollout/next.ts';
import { heldByFirst } from './comes-first.ts';
import type { Need } from './fix-view.ts';
import type { Looked } from './looked.ts';

/** What only people can do now, with the command that does it. Empty: nobody is needed. */
export function needsOf(fix: Fix, facts: Facts, looked: Looked | undefined, now: Instant): Need[] {
  if (fix.closed) return [];
  // While it is delivered, and once it is covered or halted, what was needed to get there is history.
  const isPreparing = !fix.rollout || isLeftOver(fix);
  // But for what is prepared for a release to come.
  const lines = Object.values(fix.lines).filter(
    (line) => isPreparing || (line.prepared && !isOver(fix.state)),
  );
  const before = [...lineNeeds(fix, lines), ...buildNeeds(fix, lines), ...gateNeeds(fix, lines, facts, now)];
  const approval = isPreparing || fix.approved ? approvalNeeds(fix, facts) : [];
  return [...before, ...approval, ...rolloutNeeds(fix, facts, looked, now), ...retirementNeeds(fix, facts)];
}

function lineNeeds(fix: Fix, lines: readonly FixLine[]): Need[] {
  const open = lines.filter((l) => l.assembly && !isSettled(l));
  return open.map((l) => ({
    who: 'engineer',
    what: lineText(l),
    since: l.prepared?.at ?? fix.clocks.find((c) => c.stage === 'assembly')?.personSince ?? fix.declaredAt,
    command: lineCommand(fix, l),
  }));
}

/** What stands in the way of a line, what kind of files it is in, and the best of what was tried. */
function lineText({ line, assembly, prepared }: FixLine): string {
  const { outcome, because, conflicts, proposals } = assembly!;
  const [best] = bestFirst(proposals);
  const parts = [conflictText(conflicts), best ? `offered: ${proposalText(best)}` : ''].filter(
    (text) => text !== '',
  );
  const ahead = prepared ? ' (prepared)' : '';
  return [`line ${line.name}${ahead} ${outcome}: ${because}`, ...parts].join('; ');
}

function lineCommand(fix: Fix, line: FixLine): string {
  const { name } = line.line;
  const { proposals } = line.assembly!;
  const [best] = bestFirst(proposals);
  if (best) return takeCommand(best, { fix: fix.id, line: name, proposals });
  // What was taken does not come about any more: assembled plainly, the line says what it offers now.
  if (line.accepted) return `fleetfix backport ${fix.id} --to ${name}`;
  return `fleetfix backport ${fix.id} --not ${name}=REASON`;
}

function buildNeeds(fix: Fix, lines: readonly FixLine[]): Need[] {
  return lines.flatMap((l) =>
    l.build?.state === 'failed'
      ? [
          {
            who: 'engineer',
            what: `build of ${l.line.name} failed: ${l.build.because}`,
            since: l.build.endedAt,
            command: `fleetfix retry ${fix.id} --stage build`,
          },
        ]
      : [],
  );
}

function gateNeeds(fix: Fix, lines: readonly FixLine[], facts: Facts, now: Instant): Need[] {
  const open = lines.flatMap((line) =>
    gatesOf({ fix, line, component: facts.component, policy: facts.policy, now }).filter((g) => g.blocks),
  );
  return facts.component.gates.flatMap((gate): Need[] => {
    const standing = open.filter((g) => g.gate === gate.name && !isOpen(g));
    const asked = standing.filter((g) => asksPeople(gate, g));
    const unclear = asked.filter((g) => g.state === 'unclear');
    const failed = standing.filter((g) => g.state === 'failed').map((g) => g.line);
    const since = fix.clocks.find((c) => c.stage === 'proof')?.personSince ?? fix.stateAt;
    if (gate.attestBy !== undefined && asked.length > 0) {
      const of = unclear.length > 0 ? unclear : asked;
      const on = `${gate.name} on ${of.map((g) => g.line).join(', ')}`;
      const told = handOffText(fix, facts, now);
      const what = unclear.length > 0 ? `answer ${on}: ${unclear[0]!.because}` : `attest ${on}`;
      const command = `fleetfix attest ${fix.id} --check ${gate.name} --result pass${unclear.length > 0 ? ' --note TEXT' : ''}`;
      return [{ who: gate.attestBy, what: told === undefined ? what : `${what}; ${told}`, since, command }];
    }
    if (failed.length === 0) return [];
    const command = `fleetfix logs ${fix.id} --stage proof`;
    const looks = fix.evidence.find((e) => e.gate === gate.name && e.looks?.againAt !== undefined)?.looks;
    const what = `gate ${gate.name} failed on ${failed.join(', ')}${againText(looks)}`;
    return [{ who: 'engineer', what, since, command }];
  });
}

function approvalNeeds(fix: Fix, facts: Facts): Need[] {
  if (fix.rollout && fix.rollout.endedAt === undefined) return [];
  const { role } = facts.policy.approvers;
  const rule = facts.plan ? approversOf(facts.policy.approvers, facts.plan) : facts.policy.approvers;
  if (fix.approved) {
    const command = `fleetfix start ${fix.id} --plan ${fix.approved.plan}`;
    return [{ who: 'operator', what: `start plan ${fix.approved.plan}`, since: fix.approved.at, command }];
  }
  if (fix.provenAt === undefined || fix.state === 'covered' || fix.state === 'retired') return [];
  const begun = fix.approvals.findLast((a) => a.plan !== fix.rollout?.plan);
  if (isLeftOver(fix) && begun === undefined) return [];
  const { missing } = quorum({
    rule,
    plan: begun?.plan ?? 'P-',
    approvals: fix.approvals,
    author: fix.author,
  });
  const what = `${missing} of @${role} to approve ${begun?.plan ?? 'a plan'} (not ${fix.author}, author)`;
  const command = begun ? `fleetfix approve ${fix.id} --plan ${begun.plan}` : `fleetfix plan ${fix.id}`;
  return [{ who: role, what, since: fix.provenAt, command }];
}

function rolloutNeeds(fix: Fix, facts: Facts, looked: Looked | undefined, now: Instant): Need[] {
  const { rollout } = fix;
  if (!rollout) return [];
  if (rollout.halted && rollout.endedAt) {
    const command = `fleetfix close ${fix.id} --as superseded-by=FIX-N`;
    return [
      {
        who: 'engineer',
        what: `decide after the halt: ${rollout.halted.because}`,
        since: rollout.endedAt,
        command,
      },
    ];
  }
  if (rollout.slowBurn) return [slowBurnNeed(fix, rollout.slowBurn)];
  if (isLeftOver(fix)) return leftOver(fix, rollout.endedAt!);
  if (rollout.endedAt || rollout.halted) return [];
  if (rollout.paused) {
    const command = `fleetfix resume ${fix.id} --reason TEXT`;
    return [
      {
        who: 'on-call',
        what: `resume or roll back: paused by ${rollout.paused.by}`,
        since: rollout.paused.at,
        command,
      },
    ];
  }
  const asked = looked && stageNeed(fix, looked);
  if (asked) return [asked, ...strataNeeds(fix)];
  if (!looked?.step.done || heldByFirst(looked, facts, now) > 0) return strataNeeds(fix);
  return [...leftOver(fix, rollout.passed.at(-1)?.at ?? rollout.startedAt), ...strataNeeds(fix)];
}

/** What was halted alone goes on by no plan there is. */
const strataNeeds = ({ id, rollout }: Fix): Need[] =>
  rollout!.haltedStrata.map(({ stratum, because, at }) => ({
    who: 'engineer',
    what: `decide what ${stratum} gets instead: halted, ${because}`,
    since: at,
    command: `fleetfix get targets --for ${id} --state failed,rolling-back,rolled-back`,
  }));

/** The open stage has run its course, and only a person's word takes it further. */
function stageNeed(fix: Fix, { plan, rolling, open, at, soaksUntilMs }: Looked): Need | undefined {
  const stage = plan.stages[open];
  if (stage === undefined || !at?.settled || rolling.stages[open]!.advanced) return undefined;
  const blind = isBlind(rolling, open, at);
  if (!blind && (!stage.approval || soaksUntilMs !== undefined)) return undefined;
  const rollout = fix.rollout!;
  const what = blind
    ? `go on or roll back: nothing of stage ${stage.name} runs the image`
    : `go on after stage ${stage.name}, or roll back`;
  const command = `fleetfix advance ${fix.id} --from ${stage.name} --reason TEXT`;
  const since =
    at.soakedAtMs > 0 ? instantOf(at.soakedAtMs) : (rollout.passed.at(-1)?.at ?? rollout.startedAt);
  return { who: 'operator', what, since, command };
}

const slowBurnNeed = (fix: Fix, { because, at }: { because: string; at: Instant }): Need => ({
  who: 'engineer',
  what: `decide whether it goes back, slowly it may do harm: ${because}`,
  since: at,
  command: `fleetfix rollback ${fix.id} --reason TEXT`,
});

/** What broke is people's to heal: putting the override back may be worse than what is. */
function retirementNeeds(fix: Fix, { fleet }: Facts): Need[] {
  const { paused, broke = {} } = fix.retirement ?? {};
  if (isRetiring(fix) && paused)
    return [
      {
        who: 'on-call',
        what: `heal what broke, then go on retiring: paused by ${paused.by}: ${paused.reason}`,
        since: paused.at,
        command: `fleetfix resume ${fix.id} --reason TEXT`,
      },
    ];
  const [first, ...more] = fleet
    .filter(({ uid, unhealthy }) => broke[uid] !== undefined && unhealthy !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (first === undefined) return [];
  const others = more.length > 0 ? ` and ${more.length} more` : '';
  return [
    {
      who: 'on-call',
      what: `heal ${first.name}${others}, ill since the override went: ${first.unhealthy}`,
      since: broke[first.uid]!.at,
      command: `fleetfix describe target/${first.name}`,
    },
  ];
}

/** Over, not halted and not covered: what is left needs another plan or a name. */
const isLeftOver = ({ rollout, coveredAt, approved }: Fix): boolean =>
  rollout?.endedAt !== undefined && !rollout.halted && coveredAt === undefined && approved === undefined;

const leftOver = (fix: Fix, since: Instant): Need[] => [
  {
    who: 'operator',
    what: 'plan again or account by name for what is not covered',
    since,
    command: `fleetfix get targets --for ${fix.id} --standing exposed`,
  },
];

/** Who lacks a fix that was covered: the override was taken away or overwritten, it was upgraded, re-created, or is new. */
export const exposedSince = (fix: Fix, seen: readonly PlaneStanding[]): readonly PlaneStanding[] =>
  fix.state === 'covered' && fix.retirement === undefined
    ? seen.filter(({ standing }) => standing === 'exposed')
    : [];

/** Who runs an image of others since it was covered: with it or without it, nobody knows. */
export const foreignSince = (fix: Fix, seen: readonly PlaneStanding[]): readonly PlaneStanding[] =>
  fix.state === 'covered' && fix.retirement === undefined
    ? seen.filter(({ standing, because }) => standing === 'unknown' && because === FOREIGN_IMAGE)
    : [];

/** Who is not known to run it any more since it was covered, for another reason than an image of others: silence, mostly. */
export const unheardSince = (fix: Fix, seen: readonly PlaneStanding[]): readonly PlaneStanding[] =>
  fix.state === 'covered' && fix.retirement === undefined
    ? seen.filter(({ standing, because }) => standing === 'unknown' && because !== FOREIGN_IMAGE)
    : [];

export const unheardText = (count: number): string =>
  `${count} control ${count === 1 ? 'plane is' : 'planes are'} unknown`;

export const foreignText = (count: number): string =>
  `${count} control ${count === 1 ? 'plane runs' : 'planes run'} an image that nobody knows`;

export const withoutIt = (count: number): string =>
  `${count} control ${count === 1 ? 'plane runs' : 'planes run'} without it`;

/** No plan there is reaches those, so nobody would hear of them. */
export function driftNeeds(fix: Fix, seen: readonly PlaneStanding[]): Need[] {
  const exposed = exposedSince(fix, seen);
  return [...(fix.approved ? [] : exposedNeeds(fix, exposed)), ...foreignNeeds(fix, foreignSince(fix, seen))];
}

/** What others put there is theirs: no order takes it away. */
const foreignNeeds = (fix: Fix, foreign: readonly PlaneStanding[]): Need[] =>
  foreign.length === 0
    ? []
    : [
        {
          who: 'operator',
          what: `have its owner take the override back, or account by name: ${foreignText(foreign.length)} since it was covered`,
          since: fix.coveredAt!,
          command: `fleetfix get targets --for ${fix.id} --standing unknown`,
        },
      ];

function exposedNeeds(fix: Fix, exposed: readonly PlaneStanding[]): Need[] {
  if (exposed.length === 0) return [];
  return [
    {
      who: 'operator',
      what: `plan again or account by name: ${withoutIt(exposed.length)} since it was covered`,
      since: fix.coveredAt!,
      command: `fleetfix get targets --for ${fix.id} --standing exposed`,
    },
  ];
}
