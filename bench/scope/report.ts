import type { ScopeFacts } from '../../src/core/scope/facts.ts';
import {
  LEANS,
  MEASURES,
  measuresOf,
  TITLE_WEIGHTS,
  titleParts,
  WEIGHTS,
} from '../../src/core/scope/model.ts';
import { USUAL_SCOPE } from '../../src/core/scope/policy.ts';
import { areaUnder, crossValidated, FOLDS, learning, precisionAndRecall } from './cross-validate.ts';
import type { Labelled } from './labels.ts';
import { type Fitted, type Row, scoreOf } from './logistic.ts';

/** One labelled change: its measures, what its title adds to the log-odds, and the score of the product. */
export type Judged = {
  readonly row: Row;
  readonly title: number;
  readonly code: number;
  readonly hasCode: boolean;
  readonly isBugTicket: boolean;
};

type Print = (text: string) => void;

const RIDGE = 20;
const SEEDS = 20;
const LEARN = learning(
  RIDGE,
  MEASURES.map((one) => LEANS[one]),
);

export function judgedOf(facts: ScopeFacts, label: Labelled['label'], code: number): Judged {
  const values = measuresOf(facts);
  return {
    row: { x: MEASURES.map((one) => values[one]), y: label === 'feature' ? 1 : 0 },
    title: titleParts(facts).reduce((sum, part) => sum + TITLE_WEIGHTS[part], 0),
    code,
    hasCode: facts.size.code.files > 0,
    isBugTicket: facts.claims.isBugTicket,
  };
}

/** What models learned on a part of the changes say of the rest of them. */
export function tellFolds(all: readonly Judged[], print: Print): void {
  const rows = all.map(({ row }) => row);
  const runs = folds(rows);
  const both = runs.map((scores) => withTitles(scores, all));
  print(`${all.length} changes, ${featuresIn(rows)} features; ${FOLDS} folds, ${SEEDS} draws`);
  print(`AUC, code alone, cross-validated: ${spread(runs, rows)}`);
  print(
    `AUC, code by the weights in the product (right only on a set they were not learned on): ${area(
      all.map(({ code }) => code),
      rows,
    )}`,
  );
  print(
    `AUC, title alone (labels are made of titles, so this says little): ${area(
      all.map(({ title }) => title),
      rows,
    )}`,
  );
  print(`AUC, code cross-validated and title: ${spread(both, rows)}`);
  tellThresholds({ code: runs, 'code and title': both }, rows, print);
  tellWeights(LEARN(rows), print);
}

/** What a model learned on `others` says of changes that it did not see. */
export function tellUnseen(others: readonly Judged[], all: readonly Judged[], print: Print): void {
  // A change without code says nothing of code.
  const learned = others.filter(({ hasCode }) => hasCode).map(({ row }) => row);
  const model = balanced(LEARN(learned), featuresIn(learned) / learned.length);
  const scoresOf = (some: readonly Judged[]) => some.map(({ row }) => scoreOf(model, row.x));
  const rows = all.map(({ row }) => row);
  const scores = scoresOf(all);
  const both = withTitles(scores, all);
  const named = all.filter(({ row, isBugTicket }) => row.y === 1 || isBugTicket);
  print(`\nlearned on ${learned.length} others, ${featuresIn(learned)} features`);
  print(`AUC among those, code alone, cross-validated: ${spread(folds(learned), learned)}`);
  print(
    `AUC of the set, none of it seen, code alone: ${area(scores, rows)}; with the title: ${area(both, rows)}`,
  );
  print(
    `AUC of its features and those fixes that have a bug's ticket (${named.length}), code alone: ${area(
      scoresOf(named),
      named.map(({ row }) => row),
    )}`,
  );
  tellThresholds({ code: [scores], 'code and title': [both] }, rows, print);
  tellWeights(model, print);
}

const featuresIn = (rows: readonly Row[]): number => rows.filter(({ y }) => y === 1).length;

const folds = (rows: readonly Row[]): number[][] =>
  Array.from({ length: SEEDS }, (_, seed) => crossValidated(rows, LEARN, seed + 1));

const withTitles = (scores: readonly number[], all: readonly Judged[]): number[] =>
  scores.map((score, i) => score + all[i]!.title);

/** The score is among changes of which half are features, whatever the share was where it was learned. */
const balanced = ({ bias, weights }: Fitted, share: number): Fitted => ({
  bias: bias - Math.log(share / (1 - share)),
  weights,
});

const areaOf = (scores: readonly number[], rows: readonly Row[]): number =>
  areaUnder(
    scores,
    rows.map(({ y }) => y),
  );
const area = (scores: readonly number[], rows: readonly Row[]): string => areaOf(scores, rows).toFixed(3);

function spread(runs: readonly (readonly number[])[], rows: readonly Row[]): string {
  const areas = runs.map((scores) => areaOf(scores, rows));
  return `${mean(areas).toFixed(3)} (${Math.min(...areas).toFixed(3)} to ${Math.max(...areas).toFixed(3)} by draw)`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The table of docs/scope.md, of each kind of scores (log-odds by run and change). */
function tellThresholds(
  kinds: Readonly<Record<string, readonly (readonly number[])[]>>,
  rows: readonly Row[],
  print: Print,
): void {
  const logOdds = (p: number) => Math.log(p / (1 - p));
  const [fixBelow, featureFrom] = [logOdds(USUAL_SCOPE.fixBelow), logOdds(USUAL_SCOPE.featureFrom)];
  const isFeature = rows.map(({ y }) => y === 1);
  const isFix = isFeature.map((one) => !one);
  const says = [
    [`feature (from ${USUAL_SCOPE.featureFrom})`, (s: number) => s >= featureFrom, isFeature],
    [`feature or unclear (from ${USUAL_SCOPE.fixBelow})`, (s: number) => s >= fixBelow, isFeature],
    [`fix (below ${USUAL_SCOPE.fixBelow})`, (s: number) => s < fixBelow, isFix],
  ] as const;
  print('\n| scores of | says | precision | recall | of all |\n| --- | --- | --- | --- | --- |');
  for (const [kind, runs] of Object.entries(kinds))
    for (const [what, isTaken, wanted] of says) {
      const all = runs.map((scores) => precisionAndRecall(scores.map(isTaken), wanted));
      const figures = [
        mean(all.map(({ precision }) => precision)),
        mean(all.map(({ recall }) => recall)),
        mean(all.map(({ taken }) => taken)) / rows.length,
      ];
      print(`| ${kind} | ${what} | ${figures.map((one) => one.toFixed(2)).join(' | ')} |`);
    }
}

function tellWeights(model: Fitted, print: Print): void {
  print(`\nweights: bias ${model.bias.toFixed(2)}`);
  MEASURES.forEach((one, i) => {
    print(`  ${one}: ${model.weights[i]!.toFixed(2)} (in the product ${WEIGHTS[one]})`);
  });
}
