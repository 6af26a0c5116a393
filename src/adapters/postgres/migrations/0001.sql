-- The ledger. One row an event; `seq` rises in the order of commits, `version` within a fix.
create table fleetfix.events (
  seq      bigserial primary key,
  fix      text not null check (fix ~ '^FIX-[1-9][0-9]{0,8}$'),
  version  integer not null check (version > 0),
  at       timestamptz not null,
  author   text not null,
  surface  text not null,
  seen     integer not null check (seen >= 0),
  type     text not null generated always as (event ->> 'type') stored,
  event    jsonb not null,
  previous text not null check (previous ~ '^[0-9a-f]{64}$'),
  hash     text not null check (hash ~ '^[0-9a-f]{64}$'),
  constraint events_fix_version_key unique (fix, version)
);

create function fleetfix.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end
$$;

create trigger events_are_append_only before update or delete or truncate on fleetfix.events
  for each statement execute function fleetfix.refuse_change();

-- One row a fix, for lists. Written with the events it sums up.
create table fleetfix.fixes (
  id          text primary key,
  number      integer not null unique generated always as (substring(id from 5)::integer) stored,
  title       text not null,
  severity    text not null,
  state       text not null,
  component   text not null,
  author      text not null,
  declared_at timestamptz not null
);

-- Plans are values: never changed, named by a part of their hash.
create table fleetfix.plans (
  id   text primary key,
  hash text not null,
  body jsonb not null
);

-- Orders written with the events that decided them, until the clusters have them.
create table fleetfix.outbox (
  position    bigserial primary key,
  key         text not null constraint outbox_key_key unique,
  signed      json not null,
  created_at  timestamptz not null,
  accepted_at timestamptz
);
create index outbox_pending on fleetfix.outbox (position) where accepted_at is null;

-- What people's commands were answered, by idempotency key. json, not jsonb: given back as it was.
create table fleetfix.answers (
  key    text not null,
  actor  text not null,
  body   text not null,
  status integer not null,
  answer json not null,
  at     timestamptz not null,
  primary key (key, actor)
);
create index answers_at on fleetfix.answers (at);

create table fleetfix.images (
  digest    text primary key,
  component text not null,
  commit    text,
  release   text,
  fixes     text[] not null default '{}'
);
create index images_component on fleetfix.images (component);

create table fleetfix.management_clusters (
  name     text primary key,
  heard_at timestamptz not null
);

-- The fleet as last reported. A deleted control plane stays, with `gone_at`, and is not read.
create table fleetfix.control_planes (
  uid                text primary key,
  name               text not null,
  management_cluster text not null references fleetfix.management_clusters (name),
  region             text not null,
  sector             text not null,
  customer           text not null,
  platform           text not null,
  version            text not null,
  availability       text not null,
  components         jsonb not null,
  unhealthy          text,
  upgrading          boolean,
  paused             boolean,
  reported_at        timestamptz not null,
  lost               boolean not null default false,
  gone_at            timestamptz,
  -- The transaction that changed the row last, so that a reader can ask for what is new to it.
  changed_in         xid8 not null default pg_current_xact_id()
) with (fillfactor = 70);
create index control_planes_changed_in on fleetfix.control_planes (changed_in);
create function fleetfix.note_change() returns trigger language plpgsql as
  $$ begin new.changed_in := pg_current_xact_id(); return new; end $$;
create trigger control_planes_note_change before insert or update on fleetfix.control_planes
  for each row execute function fleetfix.note_change();
create index control_planes_name on fleetfix.control_planes (name) where gone_at is null;
create index control_planes_management_cluster on fleetfix.control_planes (management_cluster) where gone_at is null;

create table fleetfix.people (
  name       text primary key,
  roles      text[] not null,
  token_hash text not null unique
);
