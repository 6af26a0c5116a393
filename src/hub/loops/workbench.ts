import type { ComponentConfig } from '../../wire/config.ts';
import type { Case, Cases } from '../cases.ts';
import type { Parts } from '../parts.ts';
import type { TestSelections } from '../test-selections.ts';

/** What a task is done with: the fix as it was when the task was taken up, and its component. */
export type Workbench = {
  readonly parts: Parts;
  readonly cases: Cases;
  readonly it: Case;
  readonly component: ComponentConfig;
  readonly selections: TestSelections;
};
