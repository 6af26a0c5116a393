import type { Hunk, PathClass, Proposal } from '../assembly/assembly.ts';
import type { FixId, PlanId } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Coverage } from '../coverage/coverage.ts';
import type { Verdict } from '../health/verdict.ts';
import type { CommandName } from '../life/command.ts';
import type { HandOffState, State } from '../life/fix.ts';
import type { Severity } from '../life/policy.ts';
import type { SloClock } from '../pace/slo.ts';
import type { ItemKind, ItemState } from '../proof/closing-item.ts';
import type { Finding, GateState, Lane } from '../proof/proof.ts';
import type { Waiting } from '../rollout/step.ts';

/** Everything the first screen says of one fix; the CLI, the console and the API show this and nothing else. */
export type FixView = {
  readonly id: FixId;
  readonly version: number;
  /** When this view was made: all ages count from here. */
  readonly at: Instant;
  readonly title: string;
  readonly severity: Severity;
  readonly incident?: string;
  readonly symptom?: string;
  readonly reason: string;
  readonly author: string;
  readonly component: string;
  /** The fix that must be in place first. */
  readonly after?: FixId;
  readonly state: State;
  readonly paused: boolean;
  readonly halted: boolean;
  /** Strata that were halted alone. */
  readonly haltedStrata: readonly string[];
  /** One sentence: where it is. `Rolling out, one-box of 12`. */
  readonly headline: string;
  /** Who must do something now; empty: nobody. */
  readonly needs: readonly Need[];
  /** Who was told that images wait for them; absent: no roster is configured, or nothing was handed off. */
  readonly handOff?: HandOffView;
  /** Gates that delivery did not wait for and that are still owed, the most urgent first; absent: none. */
  readonly debts?: readonly DebtView[];
  /** What must be shown before it is closed; absent: its policy asks for nothing. */
  readonly checklist?: readonly ChecklistItemView[];
  /** The command that stops it, when something moves. */
  readonly brake?: string;
  readonly coverage: CoverageView;
  readonly clock: ClockView;
  /** What the incident has used of the error budget; absent where none is promised or no symptom was given. */
  readonly slo?: SloClock;
  readonly health: Verdict;
  /** What happens next without anyone. */
  readonly next: { readonly at?: Instant; readonly text: string; readonly unless: string };
  readonly stages: readonly StageView[];
  readonly lines: readonly LineView[];
  readonly rollout: readonly RolloutRow[];
  /** Absent before a rollout. */
  readonly pace?: PaceView;
  readonly insights: readonly Insight[];
  readonly waits: readonly Waiting[];
  readonly plan?: PlanId;
  /** The last word on the plan was a no; absent again once another plan is approved. */
  readonly declined?: { readonly plan: PlanId; readonly by: string; readonly reason: string };
  readonly handSteps: number;
  readonly actions: readonly ActionView[];
};

/** A decision or act that only a person can do. */
export type Need = {
  readonly who: string;
  readonly what: string;
  readonly since: Instant;
  readonly command: string;
};

export type CoverageView = Coverage & {
  readonly patchedLastHour: number;
  /** Exposed control planes that the plan leaves out. */
  readonly notInPlan: number;
};

export type ClockView = {
  readonly declaredAt: Instant;
  readonly elapsedMs: Ms;
  readonly targetMs: Ms;
  /** When the target is reached. */
  readonly dueAt: Instant;
  /** Absent when nothing can be said yet. */
  readonly expectedAt?: Instant;
  readonly coveredAt?: Instant;
};

export type StageView = {
  readonly stage: 'assembly' | 'build' | 'proof' | 'approval' | 'rollout' | 'retirement';
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'paused' | 'halted';
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly tookMs?: Ms;
  readonly machineMs: Ms;
  readonly peopleMs: Ms;
  readonly targetMs?: Ms;
  /** Who or what did it: `4.18 4.19 4.20 (4.17 contains it already: ancestry)`. */
  readonly by: string;
};

export type LineView = {
  readonly line: string;
  readonly base: string;
  readonly versions: readonly string[];
  readonly targets: number;
  /** For a release that no control plane is on yet. */
  readonly prepared?: { readonly by: string; readonly at: Instant };
  readonly outcome: 'waiting' | 'clean' | 'contained' | 'empty' | 'conflict' | 'refused' | 'not affected';
  readonly because: string;
  readonly commit?: string;
  readonly digest?: string;
  readonly build: 'none' | 'waiting' | 'running' | 'done' | 'failed';
  /** Whether product code conflicts, in half a sentence; absent without a conflict. */
  readonly conflicting?: string;
  readonly conflicts: readonly ConflictView[];
  /** Best first. */
  readonly proposals: readonly ProposalView[];
  /** A proposal that a person took, as the tree they looked at. */
  readonly accepted?: { readonly kind: string; readonly tree: string; readonly by: string };
  readonly passengers: readonly string[];
  readonly gates: readonly {
    readonly gate: string;
    readonly state: GateState;
    /** What a check found on the image. */
    readonly findings?: readonly Finding[];
    /** When it must be met: before delivery, after it as debt, or never, when it only watches. */
    readonly lane: keyof Lane;
    readonly blocks: boolean;
    readonly because: string;
    /** What waiting for it costs and what passing over it may, where delivery waits for it. */
    readonly cut?: string;
    readonly until?: Instant;
  }[];
};

/** Images that wait for people, and who was told in which order. `text`: where it stands, in a sentence. */
export type HandOffView = Pick<HandOffState, 'at' | 'digests' | 'told' | 'acknowledged'> & {
  readonly text: string;
};

/** A gate that is owed for an image that runs. `owner`: a role or a name. */
export type DebtView = {
  readonly gate: string;
  readonly line: string;
  readonly owner: string;
  readonly dueAt: Instant;
  readonly overdue: boolean;
  readonly state: Exclude<GateState, 'met'>;
  readonly because: string;
};

/** One item of the closing checklist. `who`: the role that shows it; `by`: who did, or who waived it. */
export type ChecklistItemView = {
  readonly name: string;
  readonly kind: ItemKind;
  /** Of a pull request: the repository it must be of, and what its merge must hold. */
  readonly repository?: string;
  readonly contains?: 'change';
  readonly state: ItemState;
  readonly because: string;
  readonly who: string;
  readonly by?: string;
  readonly at?: Instant;
  readonly link?: string;
  /** The command that brings it further; absent: it is done. */
  readonly next?: string;
};

/** A file in conflict, in short; `fleetfix diff` and its page show the lines. */
export type ConflictView = {
  readonly path: string;
  readonly kind: string;
  readonly class: PathClass;
  readonly hunks: number;
  /** The first of them: `pkg/a.go:12` on the line, its shape, and who touched the line there last. */
  readonly places: readonly {
    readonly at: string;
    readonly shape: Hunk['shape'];
    readonly touchedBy?: string;
  }[];
  /** Why there are no hunks, or not all. */
  readonly because?: string;
};

/** A remedy that works, and what taking it means. `command` takes it. */
export type ProposalView = Proposal & { readonly text: string; readonly command: string };

/** Some of a rollout's targets: those that burned, the one-box, or a stage. */
export type RolloutRow = {
  readonly name: string;
  readonly targets: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  readonly inFlight: number;
  readonly rolledBack: number;
  /** Passed over so far, each for a reason of its own: a stage passes without those that are held. Absent: none. */
  readonly held?: number;
  /** `waiting`, `evidence 4.1/6`, `rolling`, `soaking 18/30m`, `waiting for approval`, `passed`, `paused`, `halted`, `rolled back`. */
  readonly state: string;
  readonly since?: Instant;
};

/** The evidence of a rollout, and how much may be unknown at once. */
export type PaceView = {
  readonly harmBudget: number;
  /** Harm weight of those whose outcome is not known yet, and what of it may be expected to break, at most. */
  readonly unknown: number;
  readonly atStake: number;
  /** The largest failure rate the evidence leaves possible, 0 to 1. */
  readonly rateAtMost: number;
  /** Evidence against the image, and where it halts. */
  readonly against: number;
  readonly haltsAt: number;
  readonly treated: number;
  readonly controls: number;
  readonly failed: number;
  /** Starts so far: what started together is one. */
  readonly waves: number;
  /** Of the control planes the incident broke; absent where no symptom was given or none shows it. */
  readonly burning?: { readonly treated: number; readonly recovered: number; readonly waiting: number };
};

/** level: info needs nobody, warning may need someone, error means that someone must act. Never without a remedy. */
export type Insight = {
  readonly since: Instant;
  readonly level: 'info' | 'warning' | 'error';
  readonly impact: 'coverage' | 'exposure' | 'health' | 'approval' | 'proof' | 'assembly' | 'build' | 'clock';
  readonly message: string;
  readonly remedy: string;
};

/** One act, for every surface: whether this person may do it now, and if not, why and who can. */
export type ActionView = {
  readonly name: CommandName;
  readonly label: string;
  readonly allowed: boolean;
  readonly because: string;
  readonly whoCan: readonly string[];
};
