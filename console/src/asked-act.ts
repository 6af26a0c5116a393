import type { ChecklistItemView, FixView, HandOffView } from '../../src/core/views/fix-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import type { CommandRequest } from '../../src/wire/api.ts';
import { reasonText } from './parts/sentences.ts';
import { isStage } from './rollout-words.ts';
import { countText, sentence } from './words.ts';

/** An act on a rollout that a dialog asks about first. */
export type Asked =
  | { readonly act: 'start' | 'approve' | 'decline'; readonly plan: PlanView }
  | { readonly act: 'advance'; readonly stage: string }
  /** Without a stage: the whole. */
  | { readonly act: 'rollback'; readonly stage?: string }
  | { readonly act: 'acknowledge'; readonly handOff: HandOffView }
  | { readonly act: 'show' | 'waive-item'; readonly item: ChecklistItemView };

/** What a dialog says and needs before it acts. */
export type Question = {
  readonly title: string;
  /** The verb and its object, on the button. */
  readonly verb: string;
  readonly tells: readonly string[];
  readonly reason: 'needed' | 'optional' | 'none';
  /** What the text is that is asked for, where it is no reason. */
  readonly label?: 'Address' | 'Note';
  /** What has to be typed before the act is possible; only for what reaches far. */
  readonly typed?: string;
  readonly isDanger: boolean;
  /** It only narrows, and so holds whatever has happened since the page was drawn. */
  readonly isSafe: boolean;
  readonly request: (reason: string) => CommandRequest;
  readonly command: string;
};

type On = Pick<FixView, 'id' | 'halted' | 'rollout' | 'coverage'>;

/** The question of an act. */
export function questionOf(asked: Asked, on: On): Question {
  switch (asked.act) {
    case 'start':
      return startQuestion(asked.plan, on);
    case 'approve':
      return approveQuestion(asked.plan);
    case 'decline':
      return declineQuestion(asked.plan);
    case 'advance':
      return advanceQuestion(asked.stage, on);
    case 'rollback':
      return asked.stage === undefined ? rollbackQuestion(on) : stageRollbackQuestion(asked.stage, on);
    case 'acknowledge':
      return acknowledgeQuestion(asked.handOff, on);
    case 'show':
      return isShownByLink(asked.item) ? linkQuestion(asked.item, on) : wordQuestion(asked.item, on);
    case 'waive-item':
      return waiveItemQuestion(asked.item, on);
  }
}

const reachText = ({ inPlan, managementClusters, component }: PlanView): string =>
  `${component} changes on ${countText(inPlan, 'control plane')} of ${countText(managementClusters, 'management cluster')}.`;

const withReason = (reason: string): { readonly reason?: string } => (reason === '' ? {} : { reason });

function startQuestion(plan: PlanView, { id, halted }: On): Question {
  return {
    title: `Start plan ${plan.id}`,
    verb: `Start ${plan.id}: ${countText(plan.inPlan, 'control plane')}`,
    tells: [
      reachText(plan),
      `${plan.oneBox} start first; more follow as the evidence allows. A pause stops it at any time.`,
      ...(halted ? ['A rollout of this fix was halted: say why it is started again.'] : []),
    ],
    reason: halted ? 'needed' : 'optional',
    isDanger: false,
    isSafe: false,
    request: (reason) => ({ do: 'start', plan: plan.id, ...withReason(reason) }),
    command: `fleetfix start ${id} --plan ${plan.id}${halted ? ' --reason TEXT' : ''}`,
  };
}

function approveQuestion(plan: PlanView): Question {
  return {
    title: `Approve plan ${plan.id}`,
    verb: `Approve ${plan.id}`,
    tells: [
      reachText(plan),
      `At most ${plan.harmBudget} control planes may be expected to break at any moment. You are one of the ${countText(plan.needs.count, 'person', 'people')} who answer for it.`,
    ],
    reason: 'none',
    isDanger: false,
    isSafe: false,
    request: () => ({ do: 'approve', plan: plan.id }),
    command: `fleetfix approve ${plan.fix} --plan ${plan.id}`,
  };
}

const declineQuestion = (plan: PlanView): Question => ({
  title: `Decline plan ${plan.id}`,
  verb: `Decline ${plan.id}`,
  tells: ['It is recorded with your reason. Another plan can be made and approved.'],
  reason: 'needed',
  isDanger: true,
  isSafe: true,
  request: (reason) => ({ do: 'decline', plan: plan.id, reason }),
  command: `fleetfix decline ${plan.fix} --plan ${plan.id} --reason TEXT`,
});

const advanceQuestion = (stage: string, { id }: On): Question => ({
  title: `Go on after stage ${stage}`,
  verb: `End the wait of ${stage}`,
  tells: [
    `The soak of stage ${stage}, or the approval it waits for, ends by your word.`,
    'Nothing else gives way: the harm budget and the evidence still decide how many start.',
  ],
  reason: 'needed',
  isDanger: false,
  isSafe: false,
  request: (reason) => ({ do: 'advance', stage, reason }),
  command: `fleetfix advance ${id} --from ${stage} --reason TEXT`,
});

function stageRollbackQuestion(stage: string, { id, rollout }: On): Question {
  const others = rollout.some((row) => !isStage(row.name));
  return {
    title: `Roll back stage ${stage}`,
    verb: `Roll back stage ${stage}`,
    tells: [
      `Every control plane of stage ${stage} that was changed goes back to what it ran before, and is exposed again.`,
      ...(others
        ? ['So do those of the stage that started early, in the one-box or because they were burning.']
        : []),
      'It keeps nothing else from starting: pause first if nothing more shall start.',
    ],
    reason: 'needed',
    isDanger: true,
    isSafe: true,
    request: (reason) => ({ do: 'rollback', stage, reason }),
    command: `fleetfix rollback ${id} --stage ${stage} --reason TEXT`,
  };
}

const rollbackQuestion = ({ id, coverage }: On): Question => ({
  title: `Roll back ${id}`,
  verb: `Roll back all of ${id}`,
  tells: [
    `Everything that was changed goes back to what it ran before. ${countText(coverage.patched, 'patched control plane')} will be exposed again.`,
    'The rollout is halted by it: it goes on only with a new plan and a reason.',
  ],
  reason: 'needed',
  typed: id,
  isDanger: true,
  isSafe: true,
  request: (reason) => ({ do: 'rollback', reason }),
  command: `fleetfix rollback ${id} --reason TEXT`,
});

const acknowledgeQuestion = ({ text, digests }: HandOffView, { id }: On): Question => ({
  title: `Acknowledge ${id}`,
  verb: `Acknowledge ${id}`,
  tells: [
    reasonText(`Hand-off: ${text}`, []),
    `You say that you see to what ${countText(digests.length, 'image')} of ${id} ${digests.length === 1 ? 'waits' : 'wait'} for; nobody else is told. It is no verdict.`,
  ],
  reason: 'optional',
  label: 'Note',
  isDanger: false,
  isSafe: true,
  request: (note) => ({ do: 'acknowledge', ...(note === '' ? {} : { note }) }),
  command: `fleetfix acknowledge ${id}`,
});

const LINKS: readonly ChecklistItemView['kind'][] = ['pull-request', 'link', 'advisory'];

/** A machine looks at it; what is not shown by an address is somebody's word. */
const isShownByLink = ({ kind }: ChecklistItemView): boolean => LINKS.includes(kind);

/** What a machine looks for behind the address. */
function countsText({ kind, repository, contains }: ChecklistItemView): string | undefined {
  if (kind !== 'pull-request') return COUNTS[kind];
  const of = repository === undefined ? '' : ` of ${repository}`;
  const holds = contains === undefined ? '' : ' and its merge holds the change of the fix';
  return `It counts when it is the address of a pull request${of} that is merged${holds}.`;
}

const COUNTS: Partial<Record<ChecklistItemView['kind'], string>> = {
  link: 'It counts when the address answers.',
  advisory: 'It counts when the document holds the digest of every image that was delivered.',
};

const linkQuestion = (item: ChecklistItemView, { id }: On): Question => ({
  title: `Show ${item.name}`,
  verb: `Show ${item.name}`,
  tells: [
    sentence(reasonText(item.because, [])),
    `${countsText(item)} The hub looks at it, and records what it finds.`,
    ...(item.link === undefined ? [] : [`It takes the place of ${item.link}`]),
  ],
  reason: 'needed',
  label: 'Address',
  isDanger: false,
  isSafe: true,
  request: (address) => ({ do: 'show', item: item.name, link: address }),
  command: `fleetfix show ${id} --item ${item.name} --link URL`,
});

const wordQuestion = ({ name, who, because }: ChecklistItemView, { id }: On): Question => ({
  title: `Show ${name}`,
  verb: `Say so of ${name}`,
  tells: [sentence(reasonText(because, [])), `It counts by the word of ${who}, and is recorded as yours.`],
  reason: 'needed',
  label: 'Note',
  isDanger: false,
  isSafe: true,
  request: (note) => ({ do: 'show', item: name, note }),
  command: `fleetfix show ${id} --item ${name} --note TEXT`,
});

const waiveItemQuestion = ({ name, state, because }: ChecklistItemView, { id }: On): Question => ({
  title: `Waive ${name}`,
  verb: `Waive ${name}`,
  tells: [
    reasonText(`It is ${state}: ${because}`, []),
    `${id} can then be closed without it. The waiver stands on the record with your name, and does not end.`,
  ],
  reason: 'needed',
  isDanger: true,
  isSafe: false,
  request: (reason) => ({ do: 'waive-item', item: name, reason }),
  command: `fleetfix waive ${id} --item ${name} --reason TEXT`,
});
