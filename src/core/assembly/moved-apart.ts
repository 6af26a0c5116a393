import type { Edit } from './line-diff.ts';

type Lines = readonly string[];
type BothEdits = { readonly ours: readonly Edit[]; readonly theirs: readonly Edit[] };

const isInsertion = (edit: Edit) => edit.from === edit.to;
const isDeletion = (edit: Edit) => edit.at === edit.until;

/** Whether two edits change a common line, put lines in at one point, or one puts lines in amid what the other changes. */
export function overlap(a: Edit, b: Edit): boolean {
  if (isInsertion(a) && isInsertion(b)) return a.from === b.from;
  if (isInsertion(a)) return b.from < a.from && a.from < b.to;
  if (isInsertion(b)) return a.from < b.from && b.from < a.to;
  return Math.max(a.from, b.from) < Math.min(a.to, b.to);
}

// Blocks that begin or end alike are alike in a few lines.
const MOVE_MAX = 20;

/**
 * The edits, with insertions moved out of what the other side changed where equal lines leave open where they are.
 *
 * `}`, empty line, new function: whether the `}` before or the one after is new is for the difference to choose,
 * and it may choose so that the new lines stand one line deep in a block the other side took out. Where the
 * insertion cannot be moved, the other side's deletion is. Two insertions at one point stay there.
 */
export function movedApart(
  texts: { readonly base: Lines; readonly ours: Lines; readonly theirs: Lines },
  edits: BothEdits,
): BothEdits {
  const ours = { edits: [...edits.ours], lines: texts.ours };
  const theirs = { edits: [...edits.theirs], lines: texts.theirs };
  for (const [own, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const)
    for (const [i, edit] of own.edits.entries()) {
      if (!isInsertion(edit)) continue;
      const k = other.edits.findIndex((one) => !isInsertion(one) && overlap(edit, one));
      if (k < 0 || move(own.edits, i, { within: own.lines, from: other.edits })) continue;
      if (isDeletion(other.edits[k]!)) move(other.edits, k, { within: texts.base, from: own.edits });
    }
  return { ours: ours.edits, theirs: theirs.edits };
}

/**
 * Moves one edit the shortest way to where it overlaps none of the other side's; false when there is no such place.
 * `within`: the text that has its lines, the base for a deletion.
 */
function move(
  own: Edit[],
  i: number,
  away: { readonly within: Lines; readonly from: readonly Edit[] },
): boolean {
  const edit = own[i]!;
  const [first, end] = isInsertion(edit) ? [edit.at, edit.until] : [edit.from, edit.to];
  // Edits of one side keep a line between them.
  const room = {
    up: edit.from - (own[i - 1] ? own[i - 1]!.to + 1 : 0),
    down: (own[i + 1] ? own[i + 1]!.from - 1 : Number.POSITIVE_INFINITY) - edit.to,
  };
  const { within } = away;
  const isFree = (by: number) => !away.from.some((other) => overlap(movedBy(edit, by), other));
  let [up, down] = [true, true];
  for (let by = 1; by <= MOVE_MAX && (up || down); by += 1) {
    up &&= by <= room.up && within[first - by] === within[end - by];
    down &&= by <= room.down && end + by <= within.length && within[first + by - 1] === within[end + by - 1];
    const way = up && isFree(-by) ? -by : down && isFree(by) ? by : 0;
    if (way === 0) continue;
    own[i] = movedBy(edit, way);
    return true;
  }
  return false;
}

const movedBy = (edit: Edit, by: number): Edit => ({
  from: edit.from + by,
  to: edit.to + by,
  at: edit.at + by,
  until: edit.until + by,
});
