import type { Shape } from './template.ts';

/** What is written of a fix: for everybody who runs the release, for support, for the customers it reaches. */
export const TEXT_KINDS = ['release-note', 'enablement', 'customer-notice'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

const LINE = { versions: 'text', digest: 'text' } as const;

/** What a text for customers may name: nothing that a person wrote, since nobody has read that for what it gives away. */
const CUSTOMERS: Shape = {
  fix: 'text',
  component: 'text',
  versions: 'text',
  lines: LINE,
  restarts: 'text',
  date: 'text',
  coming: 'text',
  there: 'text',
  taken: 'text',
};

const INSIDE: Shape = {
  ...CUSTOMERS,
  title: 'text',
  reason: 'text',
  symptom: 'text',
  incident: 'text',
  severity: 'text',
  state: 'text',
  headline: 'text',
  lines: { ...LINE, line: 'text', image: 'text', candidate: 'text', planes: 'text', left: 'text' },
  has: { versions: 'text', because: 'text' },
  passengers: { subject: 'text' },
  reach: 'text',
  exposed: 'text',
  patched: 'text',
  plan: 'text',
};

/** The placeholders of each kind. */
export const TEXT_SHAPES: Readonly<Record<TextKind, Shape>> = {
  'release-note': INSIDE,
  enablement: { ...INSIDE, author: 'text', owners: 'text' },
  'customer-notice': CUSTOMERS,
};

/** What a text is asked for with. `template`: in place of the hub's. */
export type TextAsked = {
  readonly kind: TextKind;
  readonly template?: string;
  readonly allowed?: FixText['allowed'];
};

/** A text of a fix, as of one version of it. */
export type FixText = {
  readonly fix: string;
  readonly version: number;
  readonly at: string;
  readonly kind: TextKind;
  /** Whose template it was made by: `shipped`, `hub` for the hub's own, `given` with the request. */
  readonly template: 'shipped' | 'hub' | 'given';
  readonly text: string;
  /** The images it holds for. */
  readonly images: readonly { readonly line: string; readonly digest: string }[];
  /** Words in which a name was found, and who said that they name nobody; absent: none. */
  readonly allowed?: readonly { readonly word: string; readonly by: string }[];
};
