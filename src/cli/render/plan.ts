import { short } from '../../core/base/ids.ts';
import { durationText, type Instant } from '../../core/base/instant.ts';
import type { PlanView } from '../../core/views/plan-view.ts';
import { figure } from './pace.ts';
import { clean, ink, many, type Paper, pair, screen, soonText, wrap } from './paper.ts';

const VERSIONS_MAX = 4;

/** The plan as the approver reads it; `start` prints the same before it asks. */
export function renderPlan(made: PlanView, paper: Paper): string {
  const plan = clean(made);
  const now = paper.now ?? plan.at;
  const row = (label: string, text: string) => line(label, text, paper);
  return screen(
    [
      pair(`Plan ${ink(paper, 'bold', plan.id)} for ${plan.fix}`, validity(plan, paper), paper),
      row('Exposed', exposed(plan)),
      row(
        'Changes',
        `${plan.component} image on ${many(plan.inPlan, 'control plane')}, ${many(plan.managementClusters, 'management cluster')}${plan.after ? `; on each, only where ${plan.after} is in place` : ''}`,
      ),
      pair(`${' '.repeat(11)}${versions(plan)}`, digests(plan), paper),
      row('Restarts', plan.restarts),
      row('Nodes', plan.nodes),
      ...leavesOut(plan, paper),
      row('Budget', budget(plan)),
      row('Starts', starts(plan)),
      ...stages(plan, paper),
      row('Compares', compares(plan)),
      row('Stops', plan.stops.join('; ')),
      ...forecast(plan, now, paper),
      row('Undo', plan.undo),
      pair(`Needs      ${needs(plan)}`, given(plan), paper),
    ],
    paper,
  );
}

/** A line of the plan: a label, and text that wraps below itself. */
const line = (label: string, text: string, paper: Paper): string =>
  wrap(`${label.padEnd(11)}${text}`, paper.width, 11);

/** What the plan will take. Everything that is foretold of it stands here. */
const forecast = (plan: PlanView, now: Instant, paper: Paper): string[] => [
  line('Ends', `about ${soonText(plan.endsAbout, now)} if started now`, paper),
];

function validity(plan: PlanView, paper: Paper): string {
  if (plan.stale) return ink(paper, 'red', `NO LONGER VALID: ${plan.stale}`);
  return `valid until ${soonText(plan.validUntil, paper.now ?? plan.at)} or until the fleet changes`;
}

function exposed(plan: PlanView): string {
  const native = plan.native > 0 ? `; ${plan.native} more are native already` : '';
  // What was exposed when the plan was made is not quite what is exposed now; without this the numbers do not add up.
  const since = plan.exposed - plan.inPlan - plan.notInPlan;
  const moved =
    since > 0
      ? `, ${since} patched before or exposed since`
      : since < 0
        ? `, ${-since} of them no longer exposed`
        : '';
  return `${many(plan.exposed, 'control plane')}; ${plan.inPlan} in this plan, ${plan.notInPlan} not${moved}${native}`;
}

/** At most four entries; more are added up by minor release. */
function versions(plan: PlanView): string {
  const counts = new Map<string, number>();
  const isLong = plan.versions.length > VERSIONS_MAX;
  for (const { version, targets } of plan.versions) {
    const name = isLong ? version.replace(/^(\d+\.\d+)\..*$/, '$1.x') : version;
    counts.set(name, (counts.get(name) ?? 0) + targets);
  }
  return [...counts].map(([version, targets]) => `${version} ${targets}`).join(' · ');
}

function digests(plan: PlanView): string {
  const [first, ...more] = plan.digests;
  if (!first) return '';
  return `sha256:${short(first.digest).slice(0, 4)}…${more.length > 0 ? ` and ${more.length} more` : ''}`;
}

function leavesOut(plan: PlanView, paper: Paper): string[] {
  if (plan.leavesOut.length === 0) return ['Leaves out nothing that is exposed'];
  const now = paper.now ?? plan.at;
  const parts = plan.leavesOut.map(
    ({ because, count, until }) => `${count} ${because}${until ? ` until ${soonText(until, now)}` : ''}`,
  );
  return [pair(`Leaves out ${parts.join(' · ')}`, 'they stay exposed', paper)];
}

/** How much may break, what the incident asks for, and why. */
function budget(plan: PlanView): string {
  const { harmBudget, computedBudget, profile, urgency } = plan;
  const asks =
    harmBudget === computedBudget
      ? 'the incident asks for as many'
      : `the incident asks for ${figure(computedBudget)}`;
  const named = profile ? ` (${profile})` : '';
  return `${figure(harmBudget)}${named}: at most so many may be expected to break; ${asks}: ${urgency}`;
}

function starts(plan: PlanView): string {
  const { burning, oneBox, inPlan, maxPerHour, minSoakMs } = plan;
  const rest = inPlan - burning - oneBox;
  const parts = [
    burning > 0 && `first ${burning} that show the symptom`,
    `a one-box of ${oneBox}`,
    rest > 0 && `the other ${rest} as fast as the evidence allows`,
  ];
  const caps = [
    `${plan.inFlightPerManagementCluster} in flight per management cluster`,
    maxPerHour !== undefined && `${maxPerHour} an hour`,
  ];
  const floor = minSoakMs > 0 ? `; nothing counts as healthy before ${durationText(minSoakMs)}` : '';
  return `${said(parts).join(', ')}; at most ${said(caps).join(' and ')}${floor}`;
}

const said = (parts: readonly (string | false)[]): string[] => parts.filter((part) => part !== false);

/** People's stages; a plan without them has one of all, which says nothing. */
function stages({ stages: all }: PlanView, paper: Paper): string[] {
  if (all.length < 2) return [];
  const parts = all.map(({ name, targets, soakMs, approval }) => {
    const after = said([soakMs > 0 && `soak ${durationText(soakMs)}`, approval && 'then a person decides']);
    return `${name} ${targets}${after.length > 0 ? `, ${after.join(', ')}` : ''}`;
  });
  return [line('Stages', parts.join(' → '), paper)];
}

const compares = (plan: PlanView): string =>
  plan.controls > 0
    ? `with those that wait, and with ${many(plan.controls, 'control plane')} it does not touch`
    : 'with those that wait; none are left that it does not touch';

function needs({ needs: { count, role, notBy, more }, computedBudget }: PlanView): string {
  const author = notBy ? ` (not ${notBy}, author)` : '';
  const why = more ? `; ${more} of them because the budget is above ${figure(computedBudget)}` : '';
  return `${count} of @${role}${author}${why}`;
}

const given = ({ needs: { given: names } }: PlanView): string =>
  names.length === 0 ? '0 given' : `${names.length} given: ${names.join(', ')}`;
