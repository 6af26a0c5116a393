import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createChangeSource } from '../src/adapters/git/index.ts';
import { factsOf } from '../src/core/scope/facts.ts';
import { USUAL_SCOPE } from '../src/core/scope/policy.ts';
import { scopeVerdict } from '../src/core/scope/verdict.ts';
import type { Benches } from './bench.ts';
import type { Labelled } from './scope/labels.ts';
import { type Judged, judgedOf, tellFolds, tellUnseen } from './scope/report.ts';

// Runs where there is a set of labelled changes: FLEETFIX_SCOPE_SET, JSON lines {"merge", "title", "label": "fix"|"feature"}, each the
// range merge^1..merge of the repository FLEETFIX_SCOPE_REPO. Prints what the scope gate tells apart. With FLEETFIX_SCOPE_LEARN, more
// of them (scope/labels.ts makes some), the weights are learned there, without those of the set, which then judges what it never saw.

export const benches: Benches = {
  async run({ print }) {
    const {
      FLEETFIX_SCOPE_SET: set,
      FLEETFIX_SCOPE_REPO: repository,
      FLEETFIX_SCOPE_LEARN: more,
    } = process.env;
    if (!set || !repository) {
      print('scope: not measured: FLEETFIX_SCOPE_SET and FLEETFIX_SCOPE_REPO are not set');
      return [];
    }
    const all = labelledIn(set);
    const { judged, samples } = await judgeAll(all, repository);
    tellFolds(judged, print);
    if (more) {
      const seen = new Set(all.map(({ merge }) => merge));
      const others = labelledIn(more).filter(({ merge }) => !seen.has(merge));
      tellUnseen((await judgeAll(others, repository)).judged, judged, print);
    }
    return [{ what: 'scope: one change read and judged', unit: 'ms', promised: { atMost: 1_000 }, samples }];
  },
};

/** A set may come from elsewhere: numbers of pull requests are not asked for. */
type Line = Omit<Labelled, 'pr'>;

const labelledIn = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

async function judgeAll(all: readonly Line[], repository: string) {
  const source = createChangeSource({ dir: tmpdir() });
  const judged: Judged[] = [];
  const samples: number[] = [];
  for (const { merge, title, label } of all) {
    const beganMs = performance.now();
    const change = await source.read(repository, { from: `${merge}^1`, to: merge });
    const { codeScore } = scopeVerdict(change, USUAL_SCOPE, title);
    samples.push(performance.now() - beganMs);
    judged.push(judgedOf(factsOf(change, title), label, codeScore));
  }
  return { judged, samples };
}
