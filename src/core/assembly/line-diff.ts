/**
 * Lines `from`–`to` of the one text (from 0, `to` exclusive) are lines `at`–`until` of the other. An empty range
 * says where lines were put in or taken out. Edits of one text are in order and never touch each other.
 */
export type Edit = {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly until: number;
};

/** The lines of a text, each with its line end; the last may have none. Joined they give the text again. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line) => `${line}\n`);
  const last = lines.pop()!.slice(0, -1);
  return last === '' ? lines : [...lines, last];
}

/**
 * What was changed from one text to the other, by lines compared byte for byte.
 *
 * Found as git's merge finds it (histogram, then groups moved down), so that places agree with git's.
 * Always a true difference; where texts have next to nothing in common, not the smallest.
 */
export function diffLines(before: readonly string[], after: readonly string[]): Edit[] {
  const ids = new Map<string, number>();
  const sides = [sideOf(before, ids), sideOf(after, ids)] as const;
  compare(sides[0], sides[1]);
  moveGroups(sides[0], sides[1]);
  moveGroups(sides[1], sides[0]);
  return editsOf(sides[0].changed, sides[1].changed);
}

/** Numbers for lines, equal for equal lines, and which of them are not in the other text. */
type Side = { readonly ids: Int32Array; readonly changed: Uint8Array };
type Area = { readonly a: number; readonly aEnd: number; readonly b: number; readonly bEnd: number };

function sideOf(lines: readonly string[], known: Map<string, number>): Side {
  const ids = Int32Array.from(lines, (line) => {
    const id = known.get(line) ?? known.size;
    known.set(line, id);
    return id;
  });
  return { ids, changed: new Uint8Array(lines.length) };
}

// What stands more often than this in a part of a file is no landmark there.
const OFTEN = 64;

/** Splits at the longest common run that has the rarest line, again and again. */
function compare(a: Side, b: Side): void {
  const areas: Area[] = [{ a: 0, aEnd: a.ids.length, b: 0, bEnd: b.ids.length }];
  for (let area = areas.pop(); area; area = areas.pop()) {
    if (area.a === area.aEnd || area.b === area.bEnd) {
      mark(a, b, area);
      continue;
    }
    const run = landmark(a.ids, b.ids, area);
    if (run === 'none') mark(a, b, area);
    else if (run === 'too many') compareClosely(a, b, area);
    else
      areas.push(
        { a: area.a, aEnd: run.a, b: area.b, bEnd: run.b },
        { a: run.aEnd, aEnd: area.aEnd, b: run.bEnd, bEnd: area.bEnd },
      );
  }
}

function mark(a: Side, b: Side, area: Area): void {
  a.changed.fill(1, area.a, area.aEnd);
  b.changed.fill(1, area.b, area.bEnd);
}

function landmark(a: Int32Array, b: Int32Array, area: Area): Area | 'none' | 'too many' {
  const places = new Map<number, number[]>();
  for (let i = area.a; i < area.aEnd; i += 1) {
    const known = places.get(a[i]!);
    if (known) known.push(i);
    else places.set(a[i]!, [i]);
  }
  const countAt = (i: number) => places.get(a[i]!)!.length;
  let best: Area | undefined;
  let rarest = OFTEN + 1;
  let hasCommon = false;
  for (let at = area.b; at < area.bEnd; ) {
    let next = at + 1;
    const found = places.get(b[at]!) ?? [];
    hasCommon ||= found.length > 0;
    let seenTo = -1;
    for (const place of found.length > rarest ? [] : found) {
      if (place < seenTo) continue;
      const run = runAround(a, b, area, { a: place, b: at });
      const rare = rarestIn(run, found.length, countAt);
      next = Math.max(next, run.bEnd);
      if (!best || best.aEnd - best.a < run.aEnd - run.a || rare < rarest) {
        best = run;
        rarest = rare;
      }
      seenTo = run.aEnd;
    }
    at = next;
  }
  if (best && rarest <= OFTEN) return best;
  return hasCommon ? 'too many' : 'none';
}

function runAround(a: Int32Array, b: Int32Array, area: Area, at: { a: number; b: number }): Area {
  let before = 0;
  while (at.a - before > area.a && at.b - before > area.b && a[at.a - before - 1] === b[at.b - before - 1])
    before += 1;
  let after = 1;
  while (at.a + after < area.aEnd && at.b + after < area.bEnd && a[at.a + after] === b[at.b + after])
    after += 1;
  return { a: at.a - before, aEnd: at.a + after, b: at.b - before, bEnd: at.b + after };
}

function rarestIn(run: Area, first: number, countAt: (i: number) => number): number {
  let least = first;
  for (let i = run.a; i < run.aEnd && least > 1; i += 1) least = Math.min(least, countAt(i));
  return least;
}

// Memory and time of the close comparison grow with its square.
const STEPS_MAX = 512;

/** The shortest way from one area to the other (Myers); past a limit the whole area counts as changed. */
function compareClosely(a: Side, b: Side, area: Area): void {
  const width = area.aEnd - area.a;
  const height = area.bEnd - area.b;
  const steps: Int32Array[] = [];
  const reach = new Int32Array(2 * STEPS_MAX + 3);
  for (let d = 0; d <= Math.min(STEPS_MAX, width + height); d += 1) {
    steps.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const o = k + STEPS_MAX + 1;
      let x = k === -d || (k !== d && reach[o - 1]! < reach[o + 1]!) ? reach[o + 1]! : reach[o - 1]! + 1;
      while (x < width && x - k < height && a.ids[area.a + x] === b.ids[area.b + x - k]) x += 1;
      reach[o] = x;
      if (x < width || x - k < height) continue;
      walkBack(a, b, area, steps);
      return;
    }
  }
  mark(a, b, area);
}

function walkBack(a: Side, b: Side, area: Area, steps: readonly Int32Array[]): void {
  let x = area.aEnd - area.a;
  let y = area.bEnd - area.b;
  for (let d = steps.length - 1; d > 0; d -= 1) {
    const reach = steps[d]!;
    const k = x - y;
    const o = k + STEPS_MAX + 1;
    const isDown = k === -d || (k !== d && reach[o - 1]! < reach[o + 1]!);
    const fromX = isDown ? reach[o + 1]! : reach[o - 1]!;
    const fromY = fromX - (isDown ? k + 1 : k - 1);
    if (isDown) b.changed[area.b + fromY] = 1;
    else a.changed[area.a + fromX] = 1;
    x = fromX;
    y = fromY;
  }
}

/** A run of changed lines, perhaps none, before each line that is not changed; the n-th of both sides belong together. */
type Group = { start: number; end: number };

/**
 * Moves each group of changed lines as far down as equal lines allow, but beside a group of the other side
 * when there is one it can meet.
 */
function moveGroups(side: Side, other: Side): void {
  const group = firstGroup(side.changed);
  const beside = firstGroup(other.changed);
  for (;;) {
    if (group.end > group.start) moveGroup(side, other, group, beside);
    if (!toNext(side.changed, group)) return;
    toNext(other.changed, beside);
  }
}

function moveGroup(side: Side, other: Side, group: Group, beside: Group): void {
  let meetsAt = -1;
  let highest = 0;
  for (let size = -1; size !== group.end - group.start; ) {
    size = group.end - group.start;
    while (slideUp(side, group)) toPrevious(other.changed, beside);
    highest = group.end;
    meetsAt = beside.end > beside.start ? group.end : -1;
    while (slideDown(side, group)) {
      toNext(other.changed, beside);
      if (beside.end > beside.start) meetsAt = group.end;
    }
  }
  if (group.end === highest || meetsAt < 0) return;
  while (beside.end === beside.start && slideUp(side, group)) toPrevious(other.changed, beside);
}

function firstGroup(changed: Uint8Array): Group {
  const group = { start: 0, end: 0 };
  while (changed[group.end]) group.end += 1;
  return group;
}

function toNext(changed: Uint8Array, group: Group): boolean {
  if (group.end >= changed.length) return false;
  group.start = group.end + 1;
  group.end = group.start;
  while (changed[group.end]) group.end += 1;
  return true;
}

function toPrevious(changed: Uint8Array, group: Group): void {
  if (group.start === 0) return;
  group.end = group.start - 1;
  group.start = group.end;
  while (changed[group.start - 1]) group.start -= 1;
}

function slideUp({ ids, changed }: Side, group: Group): boolean {
  if (group.start === 0 || ids[group.start - 1] !== ids[group.end - 1]) return false;
  changed[--group.start] = 1;
  changed[--group.end] = 0;
  while (changed[group.start - 1]) group.start -= 1;
  return true;
}

function slideDown({ ids, changed }: Side, group: Group): boolean {
  if (group.end >= ids.length || ids[group.start] !== ids[group.end]) return false;
  changed[group.start++] = 0;
  changed[group.end++] = 1;
  while (changed[group.end]) group.end += 1;
  return true;
}

function editsOf(before: Uint8Array, after: Uint8Array): Edit[] {
  const edits: Edit[] = [];
  let a = 0;
  let b = 0;
  while (a < before.length || b < after.length) {
    const [from, at] = [a, b];
    while (before[a]) a += 1;
    while (after[b]) b += 1;
    if (a > from || b > at) edits.push({ from, to: a, at, until: b });
    a += 1;
    b += 1;
  }
  return edits;
}
