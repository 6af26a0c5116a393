import { durationText } from '../../core/base/instant.ts';
import type { Paper } from './paper.ts';
import { table } from './table.ts';

/** A policy as it was configured, as far as its lanes go: nothing of it is taken on trust, an older hub may say less. */
type Severity = {
  readonly before?: readonly string[];
  readonly after?: readonly { readonly gate: string; readonly within: number; readonly owner?: string }[];
  readonly shadow?: readonly string[];
};
type PolicyLanes = { readonly name?: string; readonly severities?: Readonly<Record<string, Severity>> };

const LANES = ['before', 'after', 'shadow'] as const;

/** Which gates hold up a delivery, which follow it, by when and who sees to them, and which only watch; by severity. Nothing where no policy says. */
export function laneTable(policies: readonly unknown[], paper: Paper): string[] {
  const rows = policies.flatMap((one) => {
    const { name = '-', severities = {} } = (one ?? {}) as PolicyLanes;
    return groups(severities).flatMap(({ severity, lanes }) =>
      LANES.map((lane, at) => [
        ...(at === 0 ? [name, severity] : ['', '']),
        lane,
        lanes[at]!.length > 0 ? lanes[at]!.join(', ') : '-',
      ]),
    );
  });
  if (rows.length === 0) return [];
  return table(
    ['POLICY', 'SEVERITY', 'LANE', 'GATES'].map((title) => ({ title })),
    rows,
    paper,
  );
}

type Group = { readonly severity: string; readonly lanes: readonly (readonly string[])[] };

/** Severities with the same lanes are one. */
function groups(severities: Readonly<Record<string, Severity>>): Group[] {
  const all = Object.entries(severities).map(([severity, { before = [], after = [], shadow = [] }]) => ({
    severity,
    lanes: [before, after.map(lateText), shadow],
  }));
  return [...Map.groupBy(all, ({ lanes }) => JSON.stringify(lanes)).values()].map((same) => ({
    severity: same.map(({ severity }) => severity).join(', '),
    lanes: same[0]!.lanes,
  }));
}

const lateText = ({ gate, within, owner }: NonNullable<Severity['after']>[number]): string =>
  `${gate} within ${durationText(within)} by ${owner ?? 'who attests it, else an engineer'}`;
