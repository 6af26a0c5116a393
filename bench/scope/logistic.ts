/** A row of numbers and whether it is a feature (1) or a fix (0). */
export type Row = { readonly x: readonly number[]; readonly y: 0 | 1 };
export type Fitted = { readonly bias: number; readonly weights: readonly number[] };

const ROUNDS = 50;
/** What few changes have is held back more: a handful of cases must not get a large weight. */
const SPREAD_MIN = 0.35;

/**
 * Logistic regression with a ridge of strength `ridge` on standardised columns, by Newton's method; the weights are given for
 * the columns as they are. `signs`: +1 or -1 where a weight may only be so; what would have the other sign is left at 0.
 */
export function logistic(rows: readonly Row[], ridge: number, signs: readonly (1 | -1 | 0)[]): Fitted {
  const scales = columnsOf(rows);
  let active = signs.map((_, i) => i);
  for (;;) {
    const solved = newton(
      rows.map(({ x, y }) => ({
        x: [1, ...active.map((i) => (x[i]! - scales[i]!.mean) / scales[i]!.sd)],
        y,
      })),
      ridge,
    );
    const worst = active
      .map((column, at) => ({ column, wrong: -(signs[column]! * solved[at + 1]!) }))
      .filter(({ wrong }) => wrong > 0)
      .sort((a, b) => b.wrong - a.wrong)[0];
    if (worst) {
      active = active.filter((one) => one !== worst.column);
      continue;
    }
    const weights = signs.map((_, i) =>
      active.includes(i) ? solved[active.indexOf(i) + 1]! / scales[i]!.sd : 0,
    );
    const bias = solved[0]! - weights.reduce((sum, w, i) => sum + w * scales[i]!.mean, 0);
    return { bias, weights };
  }
}

export const scoreOf = ({ bias, weights }: Fitted, x: readonly number[]): number =>
  bias + weights.reduce((sum, w, i) => sum + w * x[i]!, 0);

function columnsOf(rows: readonly Row[]): { mean: number; sd: number }[] {
  return rows[0]!.x.map((_, i) => {
    const mean = rows.reduce((sum, { x }) => sum + x[i]!, 0) / rows.length;
    const variance = rows.reduce((sum, { x }) => sum + (x[i]! - mean) ** 2, 0) / rows.length;
    return { mean, sd: Math.max(Math.sqrt(variance), SPREAD_MIN) };
  });
}

/** The first column is the constant, which is not held back. */
function newton(rows: readonly Row[], ridge: number): number[] {
  const size = rows[0]!.x.length;
  const w = new Array<number>(size).fill(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const slope = w.map((one, i) => (i === 0 ? 0 : -ridge * one));
    const curve = w.map((_, i) => w.map((__, j) => (i === j && i > 0 ? ridge : 0)));
    for (const { x, y } of rows) {
      const p = 1 / (1 + Math.exp(-x.reduce((sum, one, i) => sum + one * w[i]!, 0)));
      for (let i = 0; i < size; i += 1) {
        slope[i]! += (y - p) * x[i]!;
        for (let j = 0; j < size; j += 1) curve[i]![j]! += p * (1 - p) * x[i]! * x[j]!;
      }
    }
    const step = solve(curve, slope);
    step.forEach((one, i) => {
      w[i]! += one;
    });
    if (Math.max(...step.map(Math.abs)) < 1e-8) break;
  }
  return w;
}

/** Gauss with the largest pivot. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = rows.length;
  for (let i = 0; i < size; i += 1) {
    let best = i;
    for (let j = i + 1; j < size; j += 1) if (Math.abs(rows[j]![i]!) > Math.abs(rows[best]![i]!)) best = j;
    [rows[i], rows[best]] = [rows[best]!, rows[i]!];
    for (let j = i + 1; j < size; j += 1) {
      const times = rows[j]![i]! / rows[i]![i]!;
      for (let k = i; k <= size; k += 1) rows[j]![k]! -= times * rows[i]![k]!;
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i -= 1) {
    const rest = rows[i]!.slice(i + 1, size).reduce((sum, one, k) => sum + one * x[i + 1 + k]!, 0);
    x[i] = (rows[i]![size]! - rest) / rows[i]![i]!;
  }
  return x;
}
