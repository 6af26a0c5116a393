import type { Severity } from '../../src/core/life/policy.ts';
import type { DeclareRequest } from '../../src/wire/api.ts';

type Change = DeclareRequest['change'];
/** A declaration as it is sent: who names no policy gets the usual one. */
export type Declaration = Omit<DeclareRequest, 'policy'> & { readonly policy?: string };

/** How a change is named, and what is typed for it. */
export const CHANGES = [
  { kind: 'pull-request', label: 'Pull request', asks: 'Its number or address' },
  { kind: 'commits', label: 'Commits', asks: 'Their ids, with commas between them' },
  { kind: 'range', label: 'Range of commits', asks: 'A..B, from A (not included) to B' },
  { kind: 'git-revert', label: 'Git revert of a commit', asks: 'The id of the commit to take back' },
  { kind: 'patch', label: 'Patch', asks: 'What git format-patch --stdout prints' },
] as const satisfies readonly { kind: Change['kind']; label: string; asks: string }[];

/** What a person has typed so far. */
export type Fields = {
  readonly title: string;
  /** Empty: not chosen yet. Nothing is chosen for a person: how urgent it is follows from it. */
  readonly severity: Severity | '';
  readonly reason: string;
  readonly incident: string;
  readonly symptom: string;
  readonly component: string;
  readonly policy: string;
  readonly kind: Change['kind'];
  readonly change: string;
};

export const BLANK: Fields = {
  title: '',
  severity: '',
  reason: '',
  incident: '',
  symptom: '',
  component: '',
  policy: '',
  kind: 'pull-request',
  change: '',
};

/** Shorter, it would match by chance. */
const SYMPTOM_MIN = 3;

function pullRequestOf(text: string): Change | undefined {
  if (/^#?[1-9]\d{0,8}$/.test(text)) return { kind: 'pull-request', number: Number(text.replace('#', '')) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const number = url && /\/(?:pull|pulls|merge_requests)\/([1-9]\d{0,8})(?:\/|$)/.exec(url.pathname)?.[1];
  return number === undefined || !/^https?:$/.test(url!.protocol)
    ? undefined
    : { kind: 'pull-request', number: Number(number), url: text };
}

/** The change that was typed; undefined when it cannot be read as one. Whether it exists, the hub says. */
export function changeOf({ kind, change }: Pick<Fields, 'kind' | 'change'>): Change | undefined {
  const text = change.trim();
  if (text === '') return undefined;
  switch (kind) {
    case 'pull-request':
      return pullRequestOf(text);
    case 'commits':
      return { kind, commits: text.split(/[\s,]+/).filter((id) => id !== '') };
    case 'range': {
      const [from, to, ...more] = text.split('..');
      return from && to && more.length === 0 && !to.startsWith('.') ? { kind, from, to } : undefined;
    }
    case 'git-revert':
      return { kind, commit: text };
    case 'patch':
      return { kind, text: change };
  }
}

type Read =
  | { readonly ok: true; readonly declaration: Declaration }
  | { readonly ok: false; readonly lacks: string };

/** The declaration that was typed, or the first thing it lacks. */
export function declarationOf(fields: Fields): Read {
  const lacks = (text: string): Read => ({ ok: false, lacks: text });
  const title = fields.title.trim();
  const reason = fields.reason.trim();
  const incident = fields.incident.trim();
  const symptom = fields.symptom.trim();
  if (title === '') return lacks('It needs a title.');
  if (fields.severity === '') return lacks('It needs a severity.');
  if (reason === '') return lacks('It needs a reason.');
  if (fields.component === '') return lacks('It needs a component.');
  const change = changeOf(fields);
  if (change === undefined) {
    const { label, asks } = CHANGES.find(({ kind }) => kind === fields.kind)!;
    return lacks(`It needs a change. ${label}: ${asks.charAt(0).toLowerCase()}${asks.slice(1)}.`);
  }
  if (symptom !== '' && symptom.length < SYMPTOM_MIN)
    return lacks(`The symptom needs at least ${SYMPTOM_MIN} letters, or none.`);
  return {
    ok: true,
    declaration: {
      do: 'declare',
      title,
      severity: fields.severity,
      reason,
      ...(incident === '' ? {} : { incident }),
      ...(symptom === '' ? {} : { symptom }),
      change,
      component: fields.component,
      ...(fields.policy === '' ? {} : { policy: fields.policy }),
    },
  };
}
