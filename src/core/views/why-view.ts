import type { FixId } from '../base/ids.ts';

/** What a fix, or one control plane, waits for. `facts` are label and text, in the order they are printed. */
export type WhyView = {
  readonly fix: FixId;
  readonly target?: string;
  readonly headline: string;
  readonly facts: readonly { readonly label: WhyLabel; readonly text: string }[];
};

export type WhyLabel = 'because' | 'since' | 'ends' | 'who' | 'blocks' | 'not because';
