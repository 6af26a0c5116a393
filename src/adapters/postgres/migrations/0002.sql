-- Who may speak for a management cluster. A revoked agent stays, so that its id is never another's.
create table fleetfix.agents (
  agent              text primary key,
  management_cluster text not null,
  public_key         text not null,
  -- Of the token it enrolled with: the same token with the same key is the same agent.
  token_hash         text not null unique,
  enrolled_at        timestamptz not null,
  revoked            boolean not null default false
);
create unique index agents_living on fleetfix.agents (management_cluster) where not revoked;

-- One-time tokens that were not used yet; one a management cluster.
create table fleetfix.agent_tokens (
  token_hash         text primary key,
  management_cluster text not null unique,
  expires_at         timestamptz not null
);

-- Orders wait for the agent of their management cluster until it settles them or they expire.
-- Instants are compared as the text they are: one form, sorted by its bytes.
alter table fleetfix.outbox
  add column management_cluster text not null generated always as (signed ->> 'managementCluster') stored,
  add column expires_at text collate "C" not null generated always as (signed ->> 'expiresAt') stored,
  add column settled_at timestamptz;
create index outbox_waiting on fleetfix.outbox (management_cluster, expires_at) where settled_at is null;
-- Of all clusters at once, without those that ended long ago and were never settled.
create index outbox_unsettled on fleetfix.outbox (expires_at) where settled_at is null;

-- The agent's run that was heard last, the number of its last report, and the runs before it, latest first.
alter table fleetfix.management_clusters
  add column run text,
  add column number bigint not null default 0,
  add column past_runs text[] not null default '{}';

alter table fleetfix.control_planes
  add column held text,
  add column past jsonb;
