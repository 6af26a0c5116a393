import type { FixText, TextKind } from '../core/texts/text-kinds.ts';

/** The templates that texts are made by when none is given. */
export type Templates = {
  /** The template as it is now. Throws a `TemplateProblem` when it cannot be read. */
  read(
    kind: TextKind,
  ): Promise<{ readonly text: string; readonly from: Exclude<FixText['template'], 'given'> }>;
};

/** What is wrong with a template's file: what, where, allowed. */
export class TemplateProblem extends Error {
  override name = 'TemplateProblem';
}
