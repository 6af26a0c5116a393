import { z } from 'zod';
import type { Digest } from '../core/base/ids.ts';
import { idLike } from './ids.ts';

/**
 * What agents and the hub say to one another: HTTPS, JSON, always begun by the agent. An agent enrols once with a
 * one-time token and a key pair of its own (Ed25519); from then on it answers a challenge with its key and gets a
 * short-lived token. Nothing here trusts an agent's clock.
 */
export const AGENT_PATHS = {
  enrol: '/agent/v1/enrol',
  challenge: '/agent/v1/challenge',
  session: '/agent/v1/session',
  reports: '/agent/v1/reports',
  orders: '/agent/v1/orders',
} as const;

/** What the agent signs with its key to open a session: this, a line feed, and the challenge. */
export const SESSION_CONTEXT = 'fleetfix agent session v1';

const text = z.string().min(1).max(255);
const long = z.string().max(4_096);
const pem = z.string().min(1).max(4_096);
const digest = idLike<Digest>(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits');
const instant = z.iso.datetime();

export const enrolRequestSchema = z.strictObject({
  /** One-time, named by an admin for one management cluster. */
  token: z.string().min(1).max(512),
  managementCluster: text,
  /** Ed25519, SPKI PEM. */
  publicKey: pem,
});
export const enrolAnswerSchema = z.strictObject({
  agent: text,
  /** The keys that orders are signed with: pinned from here on. */
  hubKeys: z
    .array(z.strictObject({ keyId: text, publicKey: pem }))
    .min(1)
    .max(16),
});

export const challengeRequestSchema = z.strictObject({ agent: text });
export const challengeAnswerSchema = z.strictObject({ challenge: z.string().min(1).max(1_024) });
export const sessionRequestSchema = z.strictObject({
  agent: text,
  challenge: z.string().min(1).max(1_024),
  /** Base64, of SESSION_CONTEXT, a line feed and the challenge. */
  signature: z.string().min(1).max(256),
});
export const sessionAnswerSchema = z.strictObject({
  /** For the Authorization header, as Bearer. */
  token: z.string().min(1).max(2_048),
  /** By the hub's clock; `now` is what it says at this moment. */
  expiresAt: instant,
  now: instant,
});

/** Uids are what the hub keeps control planes by, so one that is in every object already is none. */
const uid = text.refine((it) => !(it in {}), 'expected a uid, received a name that every object has');

const component = z.strictObject({
  digest: digest.exactOptional(),
  release: digest,
  override: digest.exactOptional(),
});

export const reportedPlaneSchema = z.strictObject({
  uid,
  name: text,
  managementCluster: text,
  region: text,
  sector: text,
  customer: text,
  platform: text,
  version: text,
  availability: z.enum(['HighlyAvailable', 'SingleReplica']),
  components: z.record(text, component),
  unhealthy: long.exactOptional(),
  upgrading: z.boolean().exactOptional(),
  paused: z.boolean().exactOptional(),
  held: long.exactOptional(),
  past: z
    .strictObject({ episodes: z.number().nonnegative(), hours: z.number().nonnegative() })
    .exactOptional(),
});

/**
 * One report. `run` names this run of the agent and `number` rises by one with each of its reports: a copy that comes late
 * or twice is recognised and changes nothing. The first of a run is full.
 */
export const reportSchema = z.strictObject({
  managementCluster: text,
  run: text,
  number: z.int().min(1),
  full: z.boolean().exactOptional(),
  planes: z.array(reportedPlaneSchema).max(10_000),
  gone: z.array(text).max(10_000),
  lost: z.array(text).max(10_000),
  images: z
    .array(z.strictObject({ digest, component: text, commit: z.string().max(64).exactOptional() }))
    .max(10_000),
  refused: z.array(z.strictObject({ key: text, uid: text, because: long })).max(10_000),
  /** Keys of orders that need not be handed over again: carried out, or refused above. */
  settled: z.array(text).max(10_000),
});
export type WireReport = z.output<typeof reportSchema>;

/** `resync`: the hub does not know the run's earlier reports; the next one must be full. */
export const reportAnswerSchema = z.strictObject({ taken: z.boolean(), resync: z.boolean(), now: instant });
export type ReportAnswer = z.output<typeof reportAnswerSchema>;

export const orderSchema = z.strictObject({
  key: text,
  fix: idLike<`FIX-${number}`>(/^FIX-[1-9]\d{0,8}$/, 'expected FIX- and a number'),
  uid: text,
  name: text,
  managementCluster: text,
  component: text,
  action: z.enum(['set', 'remove']),
  digest: digest.exactOptional(),
  ifOverride: digest.nullable(),
  expiresAt: instant,
  sequence: z.int().min(0),
  keyId: text,
  signature: z.string().min(1).max(512),
});

/** At most 500 at once, oldest first; asked with `?wait=SECONDS` (0 to 60) the hub answers when there is one. */
export const ordersAnswerSchema = z.strictObject({ orders: z.array(orderSchema).max(500), now: instant });
export type OrdersAnswer = z.output<typeof ordersAnswerSchema>;
