import type { LookTask } from '../../../core/life/checklist.ts';
import type { LinkItem } from '../../../core/proof/closing-item.ts';
import type { Links } from '../../../ports/links.ts';
import type { Workbench } from '../workbench.ts';

/** One look at a link that somebody showed for an item. */
export type LookRun = Workbench & {
  readonly task: LookTask;
  readonly item: LinkItem;
  readonly links: Links;
  readonly signal: AbortSignal;
};
