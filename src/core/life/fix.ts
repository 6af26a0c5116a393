import type { Approval } from '../approval/approval.ts';
import type { Assembly, Change, Line } from '../assembly/assembly.ts';
import type { Accepted } from '../assembly/proposals.ts';
import type { Commit, Digest, FixId, PlanId, Uid } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Coverage } from '../coverage/coverage.ts';
import type { Weighed } from '../health/judge.ts';
import type { ItemRecord } from '../proof/closing-item.ts';
import type { Evidence, LateGate, Waiver } from '../proof/proof.ts';
import type { Counts } from '../rollout/next.ts';
import type { SeenOther } from '../rollout/observed.ts';
import type { Told } from '../roster/escalation.ts';
import type { Severity } from './policy.ts';

/** In order of a fix's life; withdrawn and declined end it from any state before delivering. */
export const STATES = [
  'declared',
  'assembled',
  'built',
  'proven',
  'approved',
  'delivering',
  'covered',
  'retired',
  'closed',
  'withdrawn',
] as const;
export type State = (typeof STATES)[number];

/** Nothing is left to do, for people or machines, but to close what is retired. */
export const isOver = (state: State): boolean =>
  state === 'retired' || state === 'closed' || state === 'withdrawn';

/** Whether it is looked at from time to time: what is retired has work left only for the checklist it is closed by. */
export const isTended = (state: State, { asksAtTheEnd }: { readonly asksAtTheEnd: boolean }): boolean =>
  !isOver(state) || (state === 'retired' && asksAtTheEnd);

/** What a person says when an incident needs a fix everywhere. */
export type Declaration = {
  readonly title: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly incident?: string;
  /** What a control plane that the incident has broken is reported as, in part: those come first. */
  readonly symptom?: string;
  readonly change: Change;
  readonly component: string;
  readonly policy: string;
  /** The fix that must be in place on a management cluster before this one is started there. */
  readonly after?: FixId;
};

/**
 * One fix: the fold of its events (`evolve`), never written by hand. `version` is the number of
 * events folded. pause and halt are flags, not states.
 */
export type Fix = Declaration & {
  readonly id: FixId;
  readonly version: number;
  readonly author: string;
  readonly declaredAt: Instant;
  readonly state: State;
  /** When `state` began. */
  readonly stateAt: Instant;
  /** By line name, in order of first sight. */
  readonly lines: Readonly<Record<string, FixLine>>;
  readonly evidence: readonly Evidence[];
  readonly waivers: readonly Waiver[];
  /** The images that people have now. */
  readonly handOff?: HandOffState;
  /** Gates that its delivery did not wait for, as the policy had them when it was last started. */
  readonly owes?: readonly LateGate[];
  /** Debts that were said to be overdue, by `debtKey`. */
  readonly overdue?: readonly string[];
  readonly approvals: readonly Approval[];
  readonly declined?: {
    readonly plan: PlanId;
    readonly by: string;
    readonly reason: string;
    readonly at: Instant;
  };
  readonly exclusions: readonly Exclusion[];
  readonly rollout?: Rollout;
  /** Rollouts of earlier plans, oldest first, of which something is still in place. */
  readonly earlier?: readonly Rollout[];
  /** Why the earlier ones go back too, as soon as the latest is back. */
  readonly takeBack?: string;
  readonly coveredAt?: Instant;
  /** As it was when the rollout ended. */
  readonly coverage?: Coverage;
  readonly retirement?: Retirement;
  /** What was shown and waived of the closing checklist, by item. */
  readonly checklist?: Readonly<Record<string, ItemRecord>>;
  readonly closed?: { readonly as: string; readonly by: string; readonly at: Instant };
  readonly clocks: readonly StageClock[];
  /** Set while every gate of the lane is open for every line that has an image. */
  readonly provenAt?: Instant;
  /** The plan whose approvals are complete. */
  readonly approved?: { readonly plan: PlanId; readonly at: Instant };
  /** Acts people had to do, for the toil count (R18). */
  readonly handSteps: number;
  readonly lastAct?: { readonly by: string; readonly at: Instant };
};

/** The line of that name. A person or a release may use any name, one that every object answers to as well. */
export const lineNamed = ({ lines }: Pick<Fix, 'lines'>, name: string): FixLine | undefined =>
  Object.hasOwn(lines, name) ? lines[name] : undefined;

/** What has become of the change on one line. */
export type FixLine = {
  readonly line: Line;
  /** Undefined until assembled. */
  readonly assembly?: Assembly;
  /** A person said the line has no such defect. */
  readonly notAffected?: { readonly by: string; readonly reason: string };
  /** Chosen by a person from the proposals. */
  readonly prerequisites: readonly Commit[];
  /** The proposal a person took; whatever else is chosen later takes it back. */
  readonly accepted?: Accepted & { readonly by: string };
  readonly build?: LineBuild;
  /** No control plane is on it any more. */
  readonly emptied?: boolean;
  /** Made for a release that no control plane is on yet; it holds nothing up. */
  readonly prepared?: { readonly by: string; readonly at: Instant };
};

export type LineBuild =
  | { readonly state: 'running'; readonly commit: Commit; readonly startedAt: Instant }
  | {
      readonly state: 'done';
      readonly commit: Commit;
      readonly digest: Digest;
      readonly endedAt: Instant;
      readonly tookMs: Ms;
    }
  | {
      readonly state: 'failed';
      readonly commit: Commit;
      readonly because: string;
      readonly endedAt: Instant;
      readonly tookMs: Ms;
    };

/** Images handed to people for their word. They are told one after another until somebody acknowledges. */
export type HandOffState = {
  readonly at: Instant;
  readonly digests: readonly Digest[];
  /** As they were told: a calendar that is changed later changes nothing of it. */
  readonly told: readonly Told[];
  readonly acknowledged?: { readonly by: string; readonly at: Instant };
  /** When and how it was said that nobody is left to tell. */
  readonly unheard?: { readonly at: Instant; readonly said: string };
};

export type Exclusion = {
  readonly uid: Uid;
  readonly name: string;
  readonly until: Instant;
  readonly reason: string;
  readonly by: string;
};

/** The delivery of one approved plan. */
export type Rollout = {
  readonly plan: PlanId;
  readonly startedAt: Instant;
  readonly startedBy: string;
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: Instant };
  /** `asked`: by a person, or with another fix; the evidence did not say so. */
  readonly halted?: { readonly because: string; readonly at: Instant; readonly asked?: true };
  /** Strata that were halted alone. */
  readonly haltedStrata: readonly {
    readonly stratum: string;
    readonly because: string;
    readonly at: Instant;
  }[];
  readonly halts: number;
  readonly passed: readonly { readonly stage: number; readonly at: Instant }[];
  readonly opened: readonly { readonly stage: number; readonly at: Instant }[];
  readonly advanced: readonly number[];
  /** How many times some were started together. */
  readonly waves: number;
  /** What was told to whom and what was seen of it; absent means not told. */
  readonly targets: Readonly<Record<Uid, ToldTarget>>;
  /** What is seen of those not told; absent means nothing is to be said. */
  readonly others: Readonly<Record<Uid, SeenOther>>;
  /** Those that showed the symptom at any time of this rollout. */
  readonly burners: Readonly<Record<Uid, { readonly from: Instant; readonly recoveredAt?: Instant }>>;
  /** When the last bad episode of one that is not told began. */
  readonly struck: Readonly<Record<Uid, Instant>>;
  /** Bad episodes that no decision has weighed yet. */
  readonly episodes: { readonly treated: readonly Uid[]; readonly control: readonly Uid[] };
  /** Bad episodes of those that run the image after the rollout was over. */
  readonly late: readonly { readonly uid: Uid; readonly at: Instant }[];
  /** Those whose override others took away in this rollout: when last, how, and how often. */
  readonly lost?: Readonly<
    Record<Uid, { readonly at: Instant; readonly because: string; readonly times: number }>
  >;
  /** They came more often than their past explains. */
  readonly slowBurn?: { readonly because: string; readonly at: Instant };
  /** What the last decision that weighed something left; undefined before the first. */
  readonly judged?: {
    readonly at: Instant;
    readonly logs: readonly number[];
    readonly control: { readonly episodes: number; readonly expected: number };
    readonly recent: readonly Weighed[];
  };
  /** It was asked once whether the fix fixes: a person who went on then is not asked again. */
  readonly questioned?: boolean;
  readonly decided?: { readonly at: Instant; readonly counts: Counts };
  readonly endedAt?: Instant;
};

export type ToldTarget = {
  readonly state: 'starting' | 'patched' | 'failed' | 'silent' | 'gone' | 'rolling back' | 'rolled back';
  readonly since: Instant;
  /** When it was told last, to start or to go back. */
  readonly toldAt: Instant;
  readonly startedAt: Instant;
  /** Which start it was told with, from 1. */
  readonly wave: number;
  /** Since when it runs the image, as far as it was seen to; told anew, it begins anew. */
  readonly ranAt?: Instant;
  /** Since when it is ill though it ran the image well for long. */
  readonly illAt?: Instant;
  /** One of the few that were started before any other. */
  readonly oneBox?: true;
  /** Showed the symptom when it was told. */
  readonly burned?: true;
  /** Whether it ever failed in this rollout, and when first. */
  readonly broke: boolean;
  readonly brokeAt?: Instant;
  /** Why it must go back, until it has been told. */
  readonly rollbackWanted?: string;
  readonly because?: string;
};

export type Retirement = {
  readonly startedAt: Instant;
  readonly by: string;
  /** Overrides ordered away, with the instant of the order. */
  readonly told: Readonly<Record<Uid, Instant>>;
  readonly removed: readonly Uid[];
  /** Since when those run their release's image. */
  readonly removedAt?: Readonly<Record<Uid, Instant>>;
  /** Those that broke after they were told, each once. */
  readonly broke?: Readonly<Record<Uid, { readonly at: Instant; readonly because: string }>>;
  /** When a person last said that it goes on, whatever broke before. */
  readonly resumedAt?: Instant;
  /** No further override goes until a person says so. */
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: Instant };
  /** Still overridden because their release lacks the fix; named, not hidden. */
  readonly kept: readonly { readonly uid: Uid; readonly name: string; readonly because: string }[];
  readonly endedAt?: Instant;
};

export type ClockedStage = StageClock['stage'];

/** One stage's time. machine and people add up the parts in which the one or the other was awaited. */
export type StageClock = {
  readonly stage: 'assembly' | 'build' | 'proof' | 'approval' | 'rollout' | 'retirement';
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly machineMs: Ms;
  readonly peopleMs: Ms;
  /** Up to when machine and people time are booked. */
  readonly countedAt: Instant;
  /** Set while a person is awaited. */
  readonly personSince?: Instant;
  readonly personFor?: string;
};
