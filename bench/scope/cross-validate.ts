import { type Fitted, logistic, type Row, scoreOf } from './logistic.ts';

export const FOLDS = 5;

/** Scores of rows by models that did not see them; folds with as many of each label, drawn by `seed`. */
export function crossValidated(
  rows: readonly Row[],
  learn: (rows: readonly Row[]) => Fitted,
  seed: number,
): number[] {
  const fold = foldsOf(rows, seed);
  const scores = new Array<number>(rows.length);
  for (let f = 0; f < FOLDS; f += 1) {
    const model = learn(rows.filter((_, i) => fold[i] !== f));
    rows.forEach(({ x }, i) => {
      if (fold[i] === f) scores[i] = scoreOf(model, x);
    });
  }
  return scores;
}

export const learning =
  (ridge: number, signs: readonly (1 | -1 | 0)[]) =>
  (rows: readonly Row[]): Fitted =>
    logistic(rows, ridge, signs);

function foldsOf(rows: readonly Row[], seed: number): number[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const fold = new Array<number>(rows.length);
  for (const label of [0, 1]) {
    const at = rows.flatMap(({ y }, i) => (y === label ? [i] : []));
    for (let i = at.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [at[i], at[j]] = [at[j]!, at[i]!];
    }
    at.forEach((row, i) => {
      fold[row] = i % FOLDS;
    });
  }
  return fold;
}

/** The share of pairs of a feature and a fix in which the feature has the higher score; equal ones count half. */
export function areaUnder(scores: readonly number[], labels: readonly (0 | 1)[]): number {
  let [pairs, right] = [0, 0];
  for (const [i, label] of labels.entries())
    for (const [j, other] of labels.entries()) {
      if (label !== 1 || other !== 0) continue;
      pairs += 1;
      right += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  return right / pairs;
}

/** Of those that `isTaken` takes: how many are right, and how many of all that it should take. */
export function precisionAndRecall(
  isTaken: readonly boolean[],
  isWanted: readonly boolean[],
): { precision: number; recall: number; taken: number } {
  const taken = isTaken.filter(Boolean).length;
  const right = isTaken.filter((one, i) => one && isWanted[i]).length;
  return { precision: right / taken, recall: right / isWanted.filter(Boolean).length, taken };
}
