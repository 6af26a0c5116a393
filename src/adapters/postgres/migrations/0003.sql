-- Runs of gates that told how their tests went: none is taken twice.
create table fleetfix.test_runs (
  number    bigint generated always as identity primary key,
  fix       text not null,
  line      text not null,
  gate      text not null,
  digest    text not null,
  attempt   integer not null check (attempt >= 0),
  at        timestamptz not null,
  constraint test_runs_key unique (fix, line, gate, digest, attempt)
);
create index test_runs_at on fleetfix.test_runs (at);

create function fleetfix.middle(double precision[]) returns double precision
  language sql immutable strict parallel safe
  return (select percentile_cont(0.5) within group (order by s) from unnest($1) as s);

-- One row a test of a component; its latest runs, newest first, in three arrays of one length.
create table fleetfix.test_times (
  component text not null,
  id        text collate "C" not null check (id ~ '^[0-9a-f]{32}$'),
  suites    text[] not null,
  file      text not null,
  classname text not null,
  name      text not null,
  runs      bigint[] not null,
  seconds   double precision[] not null,
  results   text[] not null,
  seen_at   timestamptz not null,
  middle    double precision not null generated always as (fleetfix.middle(seconds)) stored,
  failed    integer not null generated always as (cardinality(array_positions(results, 'failed'))) stored,
  flaky     integer not null generated always as (cardinality(array_positions(results, 'flaky'))) stored,
  primary key (component, id)
);
