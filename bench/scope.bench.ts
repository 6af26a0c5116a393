import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createChangeSource } from '../src/adapters/git/index.ts';
import { factsOf, type ScopeFacts } from '../src/core/scope/facts.ts';
import { LEANS, MEASURES, measuresOf, TITLE_WEIGHTS, titleParts, WEIGHTS } from '../src/core/scope/model.ts';
import { USUAL_SCOPE } from '../src/core/scope/policy.ts';
import { scopeVerdict } from '../src/core/scope/verdict.ts';
import type { Benches } from './bench.ts';
import { areaUnder, crossValidated, FOLDS, learning, precisionAndRecall } from './scope/cross-validate.ts';
import { type Fitted, type Row, scoreOf } from './scope/logistic.ts';

// Runs where there is a set of labelled changes: FLEETFIX_SCOPE_SET, JSON lines {"merge", "title", "label": "fix"|"feature"}, each the
// range merge^1..merge of the repository FLEETFIX_SCOPE_REPO. Prints what the scope gate tells apart. With FLEETFIX_SCOPE_LEARN, more
// of them (scope/labels.ts makes some), the weights are learned there, without those of the set, which then judges what it never saw.
const RIDGE = 20;
const SEEDS = 20;
const TABLE = '\n| scores of | says | precision | recall | of all |\n| --- | --- | --- | --- | --- |';

type Labelled = { readonly merge: string; readonly title: string; readonly label: 'fix' | 'feature' };
type Known = {
  readonly row: Row;
  readonly facts: ScopeFacts;
  readonly label: Labelled['label'];
  readonly code: number;
};

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
    const { known, samples } = await readAll(all, repository);
    tell(known, print);
    if (more) {
      const seen = new Set(all.map(({ merge }) => merge));
      const others = labelledIn(more).filter(({ merge }) => !seen.has(merge));
      tellLearned((await readAll(others, repository)).known, known, print);
    }
    return [{ what: 'scope: one change read and judged', unit: 'ms', promised: { atMost: 1_000 }, samples }];
  },
};

const labelledIn = (file: string): Labelled[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Labelled);

async function readAll(all: readonly Labelled[], repository: string) {
  const source = createChangeSource({ dir: tmpdir() });
  const known: Known[] = [];
  const samples: number[] = [];
  for (const { merge, title, label } of all) {
    const beganMs = performance.now();
    const change = await source.read(repository, { from: `${merge}^1`, to: merge });
    const { codeScore } = scopeVerdict(change, USUAL_SCOPE, title);
    samples.push(performance.now() - beganMs);
    const facts = factsOf(change, title);
    const values = measuresOf(facts);
    const row: Row = { x: MEASURES.map((one) => values[one]), y: label === 'feature' ? 1 : 0 };
    known.push({ row, facts, label, code: codeScore });
  }
  return { known, samples };
}

function tell(known: readonly Known[], print: (text: string) => void): void {
  const rows = known.map(({ row }) => row);
  const labels = rows.map(({ y }) => y);
  const learn = learning(
    RIDGE,
    MEASURES.map((one) => LEANS[one]),
  );
  const title = known.map(titleAdds);
  const runs = Array.from({ length: SEEDS }, (_, seed) => crossValidated(rows, learn, seed + 1));
  const both = runs.map((scores) => scores.map((score, i) => score + title[i]!));
  const area = (some: readonly (readonly number[])[]) => some.map((scores) => areaUnder(scores, labels));
  print(
    `${known.length} changes, ${labels.filter((one) => one === 1).length} features; ${FOLDS} folds, ${SEEDS} draws`,
  );
  print(`AUC, code alone, cross-validated: ${spread(area(runs))}`);
  print(
    `AUC, code by the weights in the product (right only on a set they were not learned on): ${areaUnder(
      known.map(({ code }) => code),
      labels,
    ).toFixed(3)}`,
  );
  print(
    `AUC, title alone (labels are made of titles, so this says little): ${areaUnder(title, labels).toFixed(3)}`,
  );
  print(`AUC, code cross-validated and title: ${spread(area(both))}`);
  print(TABLE);
  thresholds('code', runs, known, print);
  thresholds('code and title', both, known, print);
  tellWeights(learn(rows), print);
}

/** What is learned on `others` says of changes that it did not see, and what it says of itself. */
function tellLearned(others: readonly Known[], known: readonly Known[], print: (text: string) => void): void {
  // A change without code says nothing of code.
  const rows = others.filter(({ facts }) => facts.size.code.files > 0).map(({ row }) => row);
  const signs = MEASURES.map((one) => LEANS[one]);
  const own = Array.from({ length: SEEDS }, (_, seed) =>
    areaUnder(
      crossValidated(rows, learning(RIDGE, signs), seed + 1),
      rows.map(({ y }) => y),
    ),
  );
  const features = rows.filter(({ y }) => y === 1).length;
  print(
    `\nlearned on ${rows.length} others, ${features} features; AUC among them, cross-validated: ${spread(own)}`,
  );
  const model = balanced(learning(RIDGE, signs)(rows), features / rows.length);
  const area = (some: readonly Known[]) =>
    areaUnder(
      some.map(({ row }) => scoreOf(model, row.x)),
      some.map(({ row }) => row.y),
    ).toFixed(3);
  print(`AUC of the set, code alone, none of it seen: ${area(known)}`);
  const named = known.filter(({ label, facts }) => label === 'feature' || facts.claims.isBugTicket);
  const scores = known.map(({ row }) => scoreOf(model, row.x));
  const both = scores.map((score, i) => score + titleAdds(known[i]!));
  print(
    `AUC with the title: ${areaUnder(
      both,
      known.map(({ row }) => row.y),
    ).toFixed(3)}`,
  );
  print(TABLE);
  thresholds('code', [scores], known, print);
  thresholds('code and title', [both], known, print);
  print(`\nAUC of its features and of its fixes with a bug's ticket (${named.length}): ${area(named)}`);
  tellWeights(model, print);
}

/** The score is among changes of which half are features, whatever the share was where it was learned. */
const balanced = ({ bias, weights }: Fitted, share: number): Fitted => ({
  bias: bias - Math.log(share / (1 - share)),
  weights,
});

function tellWeights(model: Fitted, print: (text: string) => void): void {
  print(`weights: bias ${model.bias.toFixed(2)}`);
  MEASURES.forEach((one, i) => {
    print(`  ${one}: ${model.weights[i]!.toFixed(2)} (in the product ${WEIGHTS[one]})`);
  });
}

/** What the title of a change adds to the log-odds. */
const titleAdds = ({ facts }: Known): number =>
  titleParts(facts).reduce((sum, part) => sum + TITLE_WEIGHTS[part], 0);

function spread(areas: readonly number[]): string {
  const mean = areas.reduce((sum, one) => sum + one, 0) / areas.length;
  return `${mean.toFixed(3)} (${Math.min(...areas).toFixed(3)} to ${Math.max(...areas).toFixed(3)} by draw)`;
}

function thresholds(
  name: string,
  runs: readonly (readonly number[])[],
  known: readonly Known[],
  print: (text: string) => void,
): void {
  const logOdds = (p: number) => Math.log(p / (1 - p));
  const isFeature = known.map(({ label }) => label === 'feature');
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const tell = (says: string, isTaken: (score: number) => boolean, wanted: readonly boolean[]) => {
    const all = runs.map((scores) => precisionAndRecall(scores.map(isTaken), wanted));
    const [precision, recall, taken] = [
      mean(all.map((one) => one.precision)),
      mean(all.map((one) => one.recall)),
      mean(all.map((one) => one.taken)) / known.length,
    ];
    print(`| ${name} | ${says} | ${precision.toFixed(2)} | ${recall.toFixed(2)} | ${taken.toFixed(2)} |`);
  };
  const { fixBelow, featureFrom } = USUAL_SCOPE;
  tell(`feature (from ${featureFrom})`, (s) => s >= logOdds(featureFrom), isFeature);
  tell(`feature or unclear (from ${fixBelow})`, (s) => s >= logOdds(fixBelow), isFeature);
  tell(
    `fix (below ${fixBelow})`,
    (s) => s < logOdds(fixBelow),
    isFeature.map((one) => !one),
  );
}
