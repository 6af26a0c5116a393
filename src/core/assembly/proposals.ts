import { type FixId, short } from '../base/ids.ts';
import type { Assembly, Conflict, PathClass, Proposal, ProposalKind } from './assembly.ts';

/** A proposal that is taken as the tree a person looked at; prerequisites are taken by naming their commits. */
export type Accepted = { readonly kind: Exclude<ProposalKind, 'prerequisites'>; readonly tree: string };

// What others did and reviewed before what only a machine put together; both measured on real back-ports.
const BEST_FIRST: readonly ProposalKind[] = ['reuse', 'prerequisites', 'adjacent', 'regenerate'];

/** In the order to look at them: whole ones before those that leave something to be made again. */
export function bestFirst(proposals: readonly Proposal[]): Proposal[] {
  const rank = (one: Proposal) =>
    (one.outcome === 'clean' ? 0 : BEST_FIRST.length) + BEST_FIRST.indexOf(one.kind);
  return proposals.toSorted((a, b) => rank(a) - rank(b));
}

/** The command that takes a proposal of a line, ready to paste. */
export function takeCommand(
  proposal: Proposal,
  of: { readonly fix: FixId; readonly line: string; readonly proposals: readonly Proposal[] },
): string {
  const backport = `fleetfix backport ${of.fix} --to ${of.line}`;
  if (proposal.kind === 'prerequisites') return `${backport} --with ${proposal.commits.map(short).join(',')}`;
  const alike = of.proposals.filter((one) => one.kind === proposal.kind).length;
  // Two of a kind are told apart by their trees.
  return `${backport} --accept ${proposal.kind}${alike > 1 ? `=${short(proposal.tree)}` : ''}`;
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What taking a proposal means, as half a sentence. */
export function proposalText(proposal: Proposal): string {
  const { kind, commits, subjects, left } = proposal;
  const but = left.length === 0 ? '' : `, but for ${leftText(left)}`;
  switch (kind) {
    case 'prerequisites':
      return `clean with ${many(commits.length, 'earlier commit')}${subjects[0] ? ` ("${subjects[0]}"${commits.length > 1 ? ', …' : ''})` : ''}${but}`;
    case 'reuse':
      return `the change as another line has it goes on clean${but}`;
    case 'adjacent':
      return `edits that only touch can stand side by side${but}`;
    case 'regenerate':
      return `all goes on but ${leftText(left)}`;
  }
}

function leftText(left: Proposal['left']): string {
  const of = new Set(left.map((one) => one.class));
  const [only] = of;
  return of.size === 1 && only !== undefined ? `${left.length} ${WORDS[only]}` : many(left.length, 'file');
}

const WORDS: Readonly<Record<PathClass, string>> = {
  code: 'of the product code',
  test: 'of the tests',
  generated: 'of the generated files',
  docs: 'of the documents',
  build: 'of the build files',
};

/** Whether product code conflicts, or what else does: `product code conflicts in 2 files`, `only tests conflict (3 files)`. */
export function conflictText(conflicts: readonly Pick<Conflict, 'class'>[]): string {
  const of = (kind: PathClass) => conflicts.filter((one) => one.class === kind).length;
  if (of('code') > 0) return `product code conflicts in ${many(of('code'), 'file')}`;
  const rest = OTHERS.filter(([kind]) => of(kind) > 0).map(([, word]) => word);
  return rest.length === 0 ? '' : `only ${listed(rest)} conflict (${many(conflicts.length, 'file')})`;
}

const OTHERS: readonly (readonly [PathClass, string])[] = [
  ['test', 'tests'],
  ['generated', 'generated files'],
  ['docs', 'documents'],
  ['build', 'build files'],
];

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

type OldConflict = Omit<Conflict, 'class' | 'hunks'> & Partial<Pick<Conflict, 'class' | 'hunks'>>;
type OldProposal = Partial<Proposal> &
  Pick<Proposal, 'commits' | 'tree'> & { files?: number; lines?: number };

/**
 * An assembly as it is read today, also when it was recorded before conflicts had classes and hunks, and when every
 * proposal was one of prerequisites. `classOf`: what a path is for.
 */
export function wholeAssembly(recorded: Assembly, classOf: (path: string) => PathClass): Assembly {
  const isWhole =
    recorded.conflicts.every((one) => (one as OldConflict).hunks !== undefined) &&
    recorded.proposals.every((one) => (one as OldProposal).passengers !== undefined);
  if (isWhole) return recorded;
  return {
    ...recorded,
    conflicts: recorded.conflicts.map((one: OldConflict) => ({
      ...one,
      class: one.class ?? classOf(one.path),
      hunks: one.hunks ?? [],
    })),
    proposals: recorded.proposals.map((one) => wholeProposal(one)),
  };
}

function wholeProposal(recorded: OldProposal): Proposal {
  const { files = 0, lines = 0, ...known } = recorded;
  return {
    kind: 'prerequisites',
    outcome: 'clean',
    subjects: [],
    passengers: { commits: known.commits.length, files, lines },
    left: [],
    look: [],
    ...known,
  };
}
