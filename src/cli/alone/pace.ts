import { sha256 } from '../../core/base/hash.ts';
import { epochMs, MINUTE } from '../../core/base/instant.ts';
import { type Field, fieldOf, type Member } from '../../core/health/field.ts';
import { type Pace, paceOf, USUAL } from '../../core/pace/pace.ts';
import { createPacer, NEWS, type News, type Pacer, type PacerMove } from '../../core/rollout/pacer.ts';
import { paceSchema } from '../../wire/config.ts';
import { paceOf as paceOfConfig } from '../../wire/config-facts.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { jsonLine } from '../output.ts';
import { readLines } from './read-lines.ts';

/** A fleet of a million on one line. */
const LINE_MAX = 512 * 1024 * 1024;
const TEXT_MAX = 255;
const CONVERGE_WITHIN_MIN = 30;

/**
 * The planner for other programs: the first line of standard input names the fleet and the pace, every further one is
 * an observation, and each is answered by one line. A line that cannot be read is answered by `{"error"}` and
 * changes nothing. Exit 2 when there was one.
 */
export async function paceByLines({ io, out }: Context): Promise<ExitCode> {
  let session: Session | undefined;
  let wrong = false;
  for await (const line of readLines(io.stdin as AsyncIterable<Uint8Array | string>, LINE_MAX)) {
    try {
      if ('problem' in line) throw new Unreadable(line.problem);
      const value = objectOf(line.text);
      if (session === undefined) {
        session = begin(value);
        out.data(jsonLine(ready(session)));
      } else out.data(jsonLine(observe(session, value)));
    } catch (problem) {
      if (!(problem instanceof Unreadable)) throw problem;
      wrong = true;
      out.data(jsonLine({ line: line.number, error: problem.message }));
    }
  }
  return wrong ? EXIT.usage : EXIT.done;
}

class Unreadable extends Error {}

type Session = {
  readonly pacer: Pacer;
  readonly field: Field;
  readonly pace: Pace;
  readonly uids: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By number, as the field has them. */
  readonly strata: readonly string[];
  atMs: number;
};

/** One member of the fleet as the first line gives it. */
type Row = Member & { readonly uid: string; readonly burning: boolean; readonly control: boolean };

function begin(value: Record<string, unknown>): Session {
  if (!Array.isArray(value.fleet) || value.fleet.length === 0)
    throw new Unreadable('the first line: expected {"at", "fleet": [{"uid", …}], "pace": {…}}');
  const atMs = timeOf(value);
  const rows = value.fleet.map((row, i) => rowOf(row, `fleet[${i}]`));
  if (new Set(rows.map((r) => r.uid)).size < rows.length)
    throw new Unreadable('fleet: expected every uid once');
  const pace = paceFrom(value.pace);
  const fix = value.fix === undefined ? 'FIX-1' : textOf(value, 'fix', 'the first line');
  // The plan's random order: from the fix and the uid, never from a name or the order of the lines.
  const ordered = rows
    .map((row) => ({ row, key: sha256(`${fix}/${row.uid}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
  const targets = ordered.filter((r) => !r.control);
  const controls = ordered.filter((r) => r.control);
  const all = [...targets, ...controls];
  const field = fieldOf(targets, controls);
  const pacer = createPacer({
    field,
    pace,
    burning: Uint8Array.from(targets, (r) => (r.burning ? 1 : 0)),
    beganMs: atMs,
    convergeWithinMs: CONVERGE_WITHIN_MIN * MINUTE,
  });
  return {
    pacer,
    field,
    pace,
    atMs,
    uids: all.map((r) => r.uid),
    indexOf: new Map(all.map((r, i) => [r.uid, i])),
    strata: [...new Set(all.map((r) => r.stratum))],
  };
}

const ready = ({ field, pace }: Session) => ({
  ready: true,
  targets: field.targets,
  controls: field.size - field.targets,
  pace,
});

function rowOf(value: unknown, place: string): Row {
  const row = memberOf(value, place);
  const text = (field: string, fallback?: string) => textOf(row, field, place, fallback);
  const flag = (field: string): boolean => {
    const given = row[field] ?? false;
    if (typeof given === 'boolean') return given;
    throw new Unreadable(`${place}: ${field}: expected true or false`);
  };
  const number = (field: string) => {
    const given = row[field];
    if (given === undefined || (typeof given === 'number' && Number.isFinite(given) && given > 0))
      return given;
    throw new Unreadable(`${place}: ${field}: expected a number above 0`);
  };
  const uid = text('uid');
  const minor = () => `${text('platform')} ${text('version').split('.').slice(0, 2).join('.')}`;
  const weight = number('weight');
  const rate = number('rate');
  return {
    uid,
    region: text('region'),
    managementCluster: text('managementCluster'),
    customer: text('customer', uid),
    stratum: row.stratum === undefined ? minor() : text('stratum'),
    burning: flag('burning'),
    control: flag('control'),
    ...(weight !== undefined && { weight }),
    ...(rate !== undefined && { rate }),
  };
}

function paceFrom(value: unknown): Pace {
  const read = paceSchema.safeParse(value ?? {});
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw new Unreadable(`pace.${path.join('.')}: ${message}`);
  }
  // Without a budget it is the smallest there is, never all.
  return paceOf({ ...USUAL, ...paceOfConfig(read.data) });
}

/** One observation in, one step out. It is read whole before any of it counts. */
function observe(session: Session, value: Record<string, unknown>) {
  if ('fleet' in value)
    throw new Unreadable('fleet: expected on the first line only: start anew for another');
  const atMs = timeOf(value);
  if (atMs < session.atMs) throw new Unreadable('at: expected a time not before the last line’s');
  const changes = (value.changes ?? []) as unknown;
  if (!Array.isArray(changes)) throw new Unreadable('changes: expected a list of {"uid", "now"}');
  const seen = changes.map((change, i): readonly [number, News] =>
    changeOf(session, change, `changes[${i}]`),
  );
  session.atMs = atMs;
  for (const [index, news] of seen) session.pacer.see(index, news, atMs);
  return answerOf(session, session.pacer.step(atMs), value);
}

function changeOf({ indexOf }: Session, value: unknown, place: string): readonly [number, News] {
  const change = memberOf(value, place);
  const index = indexOf.get(textOf(change, 'uid', place));
  if (index === undefined)
    throw new Unreadable(
      `${place}: uid ${String(change.uid)} is not of this fleet: another plan must name it`,
    );
  if (!NEWS.includes(change.now as News))
    throw new Unreadable(`${place}: now: expected one of ${NEWS.join(', ')}`);
  return [index, change.now as News];
}

function answerOf(session: Session, move: PacerMove, { at, minute }: Record<string, unknown>) {
  const { counts, halt } = move;
  const uids = (of: readonly number[]) => of.map((i) => session.uids[i]!);
  return {
    ...(at === undefined ? { minute } : { at }),
    start: uids(move.start),
    rollback: uids(move.rollback),
    ...(halt && {
      halt: { e: halt.e, ...(halt.stratum !== undefined && { stratum: session.strata[halt.stratum]! }) },
    }),
    ...(move.doubt && { pause: 'the fix does not fix' }),
    done: move.done,
    counts,
    because: becauseOf(session.pace, move),
  };
}

function becauseOf(pace: Pace, move: PacerMove): string {
  const { counts } = move;
  if (move.halt) return `evidence against it ${round(move.halt.e)}, halts at ${round(1 / pace.alpha)}`;
  if (move.doubt) return 'those that burn do not recover with it';
  if (move.done) return 'nothing is left to start or on its way';
  const most = `at most ${round(counts.rateAtMost * 100)} % can fail, ${round(counts.unknown)} of unknown outcome, budget ${pace.harmBudget}`;
  if (move.start.length > 0) return counts.oneBox ? `one-box: ${move.start.length} start` : most;
  return counts.oneBox ? `the one-box has ${round(counts.seen)} of its credit` : most;
}

const round = (value: number): number => Number(value.toPrecision(3));

/** Minutes of a thousand years: no rollout is longer, and the sums with it stay exact. */
const MINUTE_MAX = 525_600_000;

/** `at`: an instant, or `minute`: a number that only goes on. */
function timeOf({ at, minute }: Record<string, unknown>): number {
  if (typeof minute === 'number' && minute >= 0 && minute <= MINUTE_MAX) return (minute + 1) * MINUTE;
  const ms = typeof at === 'string' ? epochMs(at) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new Unreadable(`expected "at": an RFC 3339 time, or "minute": a number from 0 to ${MINUTE_MAX}`);
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return memberOf(JSON.parse(text), 'the line');
  } catch (problem) {
    if (problem instanceof Unreadable) throw problem;
    throw new Unreadable(`not JSON: ${(problem as Error).message}`);
  }
}

function memberOf(value: unknown, place: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Unreadable(`${place}: expected an object`);
}

function textOf(row: Record<string, unknown>, field: string, place: string, fallback?: string): string {
  const given = row[field] ?? fallback;
  if (typeof given === 'string' && given !== '' && given.length <= TEXT_MAX) return given;
  throw new Unreadable(`${place}: ${field}: expected a text of 1 to ${TEXT_MAX} signs`);
}
