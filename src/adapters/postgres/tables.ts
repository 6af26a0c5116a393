import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Digest, FixId, PlanId } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { Role } from '../../core/base/roles.ts';
import type { ControlPlane, Past, RunningComponent } from '../../core/fleet/control-plane.ts';
import type { Event } from '../../core/life/event.ts';
import type { State } from '../../core/life/fix.ts';
import type { Severity } from '../../core/life/policy.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { PlanBody } from '../../core/rollout/plan.ts';

/** JSON is read as a value and written as text. */
type Json<T> = ColumnType<T, string, string>;

/** The tables of migrations/, in the types their columns are read as (see connection.ts). */
export type Tables = {
  events: {
    seq: GeneratedAlways<number>;
    fix: FixId;
    version: number;
    at: Instant;
    author: string;
    surface: string;
    seen: number;
    type: GeneratedAlways<Event['type']>;
    event: Json<Event>;
    previous: string;
    hash: string;
  };
  fixes: {
    id: FixId;
    number: GeneratedAlways<number>;
    title: string;
    severity: Severity;
    state: State;
    component: string;
    author: string;
    declared_at: Instant;
  };
  plans: { id: PlanId; hash: string; body: Json<PlanBody> };
  outbox: {
    position: GeneratedAlways<number>;
    key: string;
    signed: Json<SignedOrder>;
    created_at: Instant;
    accepted_at: Instant | null;
    management_cluster: GeneratedAlways<string>;
    expires_at: GeneratedAlways<Instant>;
    settled_at: Instant | null;
  };
  agents: {
    agent: string;
    management_cluster: string;
    public_key: string;
    token_hash: string;
    enrolled_at: Instant;
    revoked: Generated<boolean>;
  };
  agent_tokens: { token_hash: string; management_cluster: string; expires_at: Instant };
  answers: { key: string; actor: string; body: string; status: number; answer: Json<unknown>; at: Instant };
  images: {
    digest: Digest;
    component: string;
    commit: string | null;
    release: string | null;
    fixes: FixId[];
  };
  management_clusters: {
    name: string;
    heard_at: Instant;
    run: string | null;
    number: Generated<number>;
    past_runs: Generated<string[]>;
  };
  control_planes: {
    uid: string;
    name: string;
    management_cluster: string;
    region: string;
    sector: string;
    customer: string;
    platform: string;
    version: string;
    availability: ControlPlane['availability'];
    components: Json<Record<string, RunningComponent>>;
    unhealthy: string | null;
    upgrading: boolean | null;
    paused: boolean | null;
    held: string | null;
    past: Json<Past> | null;
    reported_at: Instant;
    lost: Generated<boolean>;
    gone_at: Instant | null;
    /** Transaction id as text; kept by a trigger. */
    changed_in: Generated<string>;
  };
  people: { name: string; roles: Role[]; token_hash: string };
  test_runs: { number: GeneratedAlways<number>; at: Instant };
};
