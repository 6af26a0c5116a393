import type { CommandName } from '../../src/core/life/command.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { Acted } from '../../src/wire/api.ts';
import { api } from './api.ts';
import { planOf } from './plan-of.ts';
import { openStage } from './rollout-words.ts';

/** What a command line needs to know of a fix; before the fix has loaded it is its name only. */
type ActOn = Pick<FixView, 'id'> &
  Partial<Pick<FixView, 'plan' | 'needs' | 'declined' | 'rollout' | 'halted'>>;

/**
 * One act as this surface offers it. Whether this person may do it now is never decided here: the hub
 * says so in `view.actions`, with the reason and who can.
 *
 * confirm: none acts on one press; dialog asks first; plan leads to the plan, where it is done; checklist says that it is done
 * there; command shows the command line to run instead.
 */
export type Act = {
  readonly name: CommandName;
  readonly whoMay: string;
  readonly key?: string;
  readonly confirm: 'none' | 'dialog' | 'plan' | 'checklist' | 'command';
  readonly command: (on: ActOn) => string;
  /** `key`: the idempotency key, the same when one press is sent again. */
  readonly perform?: (fix: string, key: string) => Promise<Acted>;
};

const plan = (on: ActOn): string => `--plan ${planOf(on) ?? 'PLAN'}`;

export const ACTS: readonly Act[] = [
  {
    name: 'pause',
    whoMay: 'everyone on call, in every state',
    key: 'h',
    confirm: 'none',
    command: ({ id }) => `fleetfix pause ${id}`,
    // No version goes with it: a pause must hold whatever has happened since the page was drawn.
    perform: (fix, key) => api.command(fix, { do: 'pause' }, { key }),
  },
  {
    name: 'resume',
    whoMay: 'operators and on-call',
    confirm: 'command',
    command: ({ id }) => `fleetfix resume ${id}`,
  },
  {
    name: 'rollback',
    whoMay: 'everyone on call, in every state',
    confirm: 'dialog',
    command: ({ id }) => `fleetfix rollback ${id} --reason TEXT`,
  },
  {
    name: 'exclude',
    whoMay: 'operators and on-call',
    confirm: 'command',
    command: ({ id }) => `fleetfix exclude ${id} --target NAME --until TIME --reason TEXT`,
  },
  {
    name: 'backport',
    whoMay: 'engineers',
    confirm: 'command',
    command: ({ id }) => `fleetfix backport ${id}`,
  },
  {
    name: 'prepare',
    whoMay: 'engineers',
    confirm: 'command',
    command: ({ id }) => `fleetfix prepare ${id} --release RELEASE --commit SHA`,
  },
  {
    name: 'retry',
    whoMay: 'engineers',
    confirm: 'command',
    command: ({ id }) => `fleetfix retry ${id} --stage build`,
  },
  {
    name: 'acknowledge',
    whoMay: 'everyone who may be told',
    confirm: 'dialog',
    command: ({ id }) => `fleetfix acknowledge ${id}`,
  },
  {
    name: 'attest',
    whoMay: 'the role the gate names',
    confirm: 'command',
    command: ({ id }) => `fleetfix attest ${id} --check GATE --result pass`,
  },
  {
    name: 'waive',
    whoMay: 'approvers',
    confirm: 'command',
    command: ({ id }) => `fleetfix waive ${id} --gate GATE --reason TEXT --expires 24h`,
  },
  {
    name: 'approve',
    whoMay: 'approvers, never the author',
    confirm: 'plan',
    command: (on) => `fleetfix approve ${on.id} ${plan(on)}`,
  },
  {
    name: 'decline',
    whoMay: 'approvers',
    confirm: 'plan',
    command: (on) => `fleetfix decline ${on.id} ${plan(on)} --reason TEXT`,
  },
  {
    name: 'start',
    whoMay: 'operators and on-call',
    confirm: 'plan',
    command: (on) => `fleetfix start ${on.id} ${plan(on)}${on.halted ? ' --reason TEXT' : ''}`,
  },
  {
    name: 'advance',
    whoMay: 'operators and on-call',
    confirm: 'dialog',
    command: ({ id, rollout = [] }) =>
      `fleetfix advance ${id} --from ${openStage(rollout) ?? 'STAGE'} --reason TEXT`,
  },
  {
    name: 'retire',
    whoMay: 'operators',
    confirm: 'command',
    command: ({ id }) => `fleetfix retire ${id}`,
  },
  {
    name: 'show',
    whoMay: 'engineers, and the role an item names',
    confirm: 'checklist',
    command: ({ id }) => `fleetfix show ${id} --item ITEM --link URL`,
  },
  {
    name: 'waive-item',
    whoMay: 'approvers, never the author',
    confirm: 'checklist',
    command: ({ id }) => `fleetfix waive ${id} --item ITEM --reason TEXT`,
  },
  {
    name: 'close',
    whoMay: 'operators',
    confirm: 'command',
    command: ({ id }) => `fleetfix close ${id} --as not-needed`,
  },
  {
    name: 'withdraw',
    whoMay: 'the author and engineers',
    confirm: 'command',
    command: ({ id }) => `fleetfix withdraw ${id} --reason TEXT`,
  },
];

export const actNamed = (name: CommandName): Act | undefined => ACTS.find((act) => act.name === name);

/** Keys that only look or go somewhere; with the keys of the acts they make the help page. */
export const KEYS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: 'g n', does: 'Go to Now' },
  { keys: 'g r', does: 'Go to who is on duty' },
  { keys: 'h', does: 'Pause this fix (asks first)' },
  { keys: 't', does: 'Rollout: grid or table' },
  { keys: 'f', does: 'Grid: next exception' },
  { keys: 'Arrows', does: 'Grid: move; Enter opens' },
  { keys: 'Esc', does: 'Close what is open' },
  { keys: '?', does: 'This help' },
];
