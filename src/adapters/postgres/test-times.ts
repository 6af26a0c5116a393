import { type RawBuilder, sql } from 'kysely';
import { sha256 } from '../../core/base/hash.ts';
import {
  secondsKept,
  TESTS_KEPT,
  type TestName,
  type TestTime,
  TIMES_KEPT,
  type TimedResult,
  type TimedTest,
  type TimedTestPage,
  type TimesOrder,
} from '../../core/select/test-times.ts';
import { isTimesCursor, type TestTimes, type TimedRun, type TimesQuery } from '../../ports/test-times.ts';
import type { Database, Db } from './connection.ts';
import { storable, storableInstant, storableJson } from './storable.ts';

/** Times of tests, one row a test. `testsKept`: so many a component; those not seen for longest go first. */
export function testTimesOf(database: Database, testsKept = TESTS_KEPT): TestTimes {
  return {
    // A transaction, since one of two that lost a deadlock is run again.
    record: (run) => database.transaction((trx) => record(trx, run, testsKept)),
    page: (component, query) => database.call((db) => readPage(db, component, query)),
  };
}

async function record(trx: Db, run: TimedRun, testsKept: number): Promise<void> {
  const { tests, at, component, attempt, ...of } = run;
  storable('A run of tests', { component, attempt, ...of });
  const rows = storableJson('The times of tests', onePerTest(tests));
  const now = storableInstant('The time of a run of tests', at);
  // One statement: whoever comes second waits for the row of the run, finds it, and adds nothing.
  await sql`
    with run as (
      insert into fleetfix.test_runs (fix, line, gate, digest, attempt, at)
      values (${of.fix}, ${of.line}, ${of.gate}, ${of.digest}, ${attempt}, ${now})
      on conflict do nothing
      returning number
    ), told as materialized (
      select row.*
      from run, jsonb_to_recordset(${rows}::jsonb) as row
        (id text, suites text[], file text, classname text, name text, seconds double precision, result text)
      order by row.id
      limit ${testsKept}
    ), dropped as (
      delete from fleetfix.test_times as old
      where old.component = ${component} and old.id in (
        select id from fleetfix.test_times as kept
        where kept.component = ${component} and not exists (select from told where told.id = kept.id)
        order by seen_at desc, runs[1] desc, id
        offset case when exists (select from run) then ${testsKept} - (select count(*) from told) end
      ) and exists (select from run)
    )
    insert into fleetfix.test_times as known
      (component, id, suites, file, classname, name, runs, seconds, results, seen_at)
    select ${component}, id, suites, file, classname, name, array[number], array[seconds], array[result], ${now}
    from told, run
    order by id
    on conflict (component, id) do update set
      runs = (excluded.runs || known.runs)[1:${sql.lit(TIMES_KEPT)}],
      seconds = (excluded.seconds || known.seconds)[1:${sql.lit(TIMES_KEPT)}],
      results = (excluded.results || known.results)[1:${sql.lit(TIMES_KEPT)}],
      seen_at = excluded.seen_at`.execute(trx);
}

const idOf = ({ suites, file, classname, name }: TestName): string =>
  sha256(JSON.stringify([suites, file, classname, name])).slice(0, 32);

/** One statement may touch a row once: what differs only in what is not kept (the machine) is one test. */
function onePerTest(tests: readonly TestTime[]): (TestTime & { readonly id: string })[] {
  const byId = new Map<string, TestTime & { readonly id: string }>();
  for (const test of tests) {
    const id = idOf(test);
    const known = byId.get(id);
    const own = { ...test, seconds: secondsKept(test.seconds) };
    byId.set(id, known ? { ...known, ...together(known, own) } : { id, ...own });
  }
  return [...byId.values()];
}

const WORST = ['failed', 'flaky', 'passed'] as const;
const together = (a: TestTime, b: TestTime): Pick<TestTime, 'seconds' | 'result'> => ({
  seconds: secondsKept(a.seconds + b.seconds),
  result: WORST.find((result) => a.result === result || b.result === result)!,
});

/** One number that a list is ordered by, the highest first; of equals the lower id. The order by id alone has none. */
const RANKS: { readonly [K in TimesOrder]?: RawBuilder<number> } = {
  slowest: sql`middle`,
  failing: sql`(failed * 100 + flaky)::double precision`,
};

type Row = Omit<TimedTest, 'seconds' | 'runs' | 'last' | 'seenAt'> & {
  readonly middle: number;
  readonly runs: readonly number[];
  readonly seconds: readonly number[];
  /** Separated by commas: lists of texts are slow to read. */
  readonly results: string;
  readonly seen_at: string;
  readonly rank: number;
};

async function readPage(db: Db, component: string, query: TimesQuery): Promise<TimedTestPage> {
  const rank = RANKS[query.by];
  const after = query.after === undefined ? sql`true` : past(rank, query.after);
  const { rows } = await sql<Row>`
    select id, suites, file, classname, name, runs, seconds,
      array_to_string(results, ',') as results, seen_at, middle, failed, flaky, ${rank ?? sql`0`} as rank
    from fleetfix.test_times
    where component = ${component} and ${after}
    order by ${rank ? sql`${rank} desc, id` : sql`id`}
    limit ${query.limit + 1}`.execute(db);
  const counted = await sql<{ total: number }>`
    select count(*) as total from fleetfix.test_times where component = ${component}`.execute(db);
  const shown = rows.slice(0, query.limit);
  const end = shown.at(-1);
  return {
    items: shown.map(testOf),
    total: counted.rows[0]!.total,
    ...(rows.length > query.limit && end && { next: `${end.rank}~${end.id}` }),
  };
}

function past(rank: RawBuilder<number> | undefined, cursor: string): RawBuilder<boolean> {
  if (!isTimesCursor(cursor)) throw new RangeError('expected what a page before gave as next');
  const [at, id] = cursor.split('~') as [string, string];
  if (rank === undefined) return sql`id > ${id}`;
  return sql`(${rank} < ${at}::double precision or (${rank} = ${at}::double precision and id > ${id}))`;
}

function testOf({ rank: _, middle, runs, seconds, results, seen_at: seenAt, ...row }: Row): TimedTest {
  const went = results.split(',') as TimedResult[];
  return {
    ...row,
    seconds: middle,
    runs: runs.length,
    seenAt,
    last: runs.map((run, i) => ({ run, seconds: seconds[i]!, result: went[i]! })),
  };
}
