import { short } from '../../core/base/ids.ts';
import { durationText } from '../../core/base/instant.ts';
import type { PlanView } from '../../core/views/plan-view.ts';
import { clean, ink, many, type Paper, pair, screen, soonText, wrap } from './paper.ts';

const VERSIONS_MAX = 4;

/** The plan as the approver reads it; `start` prints the same before it asks. */
export function renderPlan(made: PlanView, paper: Paper): string {
  const plan = clean(made);
  const now = paper.now ?? plan.at;
  const line = (label: string, text: string) => wrap(`${label.padEnd(11)}${text}`, paper.width, 11);
  return screen(
    [
      pair(`Plan ${ink(paper, 'bold', plan.id)} for ${plan.fix}`, validity(plan, paper), paper),
      line('Exposed', exposed(plan)),
      line(
        'Changes',
        `${plan.component} image on ${many(plan.inPlan, 'control plane')}, ${many(plan.managementClusters, 'management cluster')}`,
      ),
      pair(`${' '.repeat(11)}${versions(plan)}`, digests(plan), paper),
      line('Restarts', plan.restarts),
      line('Nodes', plan.nodes),
      ...leavesOut(plan, paper),
      line('Waves', waves(plan)),
      line('Stops', plan.stops.join(', or ')),
      line('Ends', `about ${soonText(plan.endsAbout, now)} if started now`),
      line('Undo', plan.undo),
      pair(`Needs      ${needs(plan)}`, given(plan), paper),
    ],
    paper,
  );
}

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
      ? `, ${since} only since it was made`
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

function waves(plan: PlanView): string {
  const sizes = plan.waves.map((wave) => wave.targets).join(' → ');
  const soaks = [...new Set(plan.waves.map((wave) => durationText(wave.soakMs)))].join(', ');
  return `${sizes || 'none'}, soak ${soaks || 'none'}, at most ${plan.inFlightPerManagementCluster} in flight per management cluster`;
}

const needs = ({ needs: { count, role, notBy } }: PlanView): string =>
  `${count} of @${role}${notBy ? ` (not ${notBy}, author)` : ''}`;

const given = ({ needs: { given: names } }: PlanView): string =>
  names.length === 0 ? '0 given' : `${names.length} given: ${names.join(', ')}`;
