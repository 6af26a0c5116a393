import type { BranchOverrides } from '../../ports/overrides-file.ts';

/** A pull request's address that the contract's reader takes. */
const PULL_REQUEST = /^https:\/\/github\.com\/[A-Za-z0-9-]+\/[A-Za-z0-9._-]+\/pull\/[1-9]\d*$/;

/**
 * Title and text of the pull request. It carries the contract `branch: X.Y wants: …`, a line a branch outside of code blocks, which
 * HyperShift's workflow validate-cpo-overrides holds the images against; what else was checked is said in words.
 */
export function pullRequestText(it: {
  readonly ticket: string;
  /** A few words, e.g. `konnectivity fix`. */
  readonly about: string;
  readonly branches: readonly BranchOverrides[];
}): { readonly title: string; readonly body: string } | { readonly refused: string } {
  const wrong = it.branches.flatMap((b) => b.wants).find((address) => !PULL_REQUEST.test(address));
  if (wrong !== undefined)
    return {
      refused: `pull request ${JSON.stringify(wrong)}: expected https://github.com/OWNER/REPOSITORY/pull/NUMBER`,
    };
  const empty = it.branches.find((b) => b.wants.length === 0 || b.versions.length === 0);
  if (it.branches.length === 0 || empty)
    return {
      refused: `branch ${empty?.branch ?? '(none)'}: expected at least one version and one pull request that its image holds`,
    };
  const about = oneLine(it.about);
  const body = [
    '## Summary',
    '',
    `Control-plane-operator overrides: ${about}.`,
    '',
    ...it.branches.map((b) => `branch: ${b.branch} wants: ${b.wants.join(', ')}`),
    '',
    ...it.branches.flatMap(branchText),
    '## Checked',
    '',
    '- Each image is named by digest.',
    '- Each image that is replaced is contained in the one that replaces it.',
    '- The file was read again after the edit: no other override changed.',
    '',
  ].join('\n');
  return { title: `${oneLine(it.ticket)}: override the control-plane-operator for ${about}`, body };
}

function branchText(it: BranchOverrides): string[] {
  const range = it.versions.length === 1 ? it.versions[0]! : `${it.versions[0]} to ${it.versions.at(-1)}`;
  const { length } = it.versions;
  return [
    `### ${it.branch}`,
    '',
    `- Versions: ${range} (${length} ${length === 1 ? 'entry' : 'entries'} each) on ${it.platforms.join(' and ')}`,
    ...(it.skipped.length === 0
      ? []
      : [`- The update graph skips, but clusters may run: ${it.skipped.join(', ')}`]),
    `- Image: ${it.image} (commit ${it.commit})`,
    ...it.replacedImages.map((image) => `- Replaces, and contains: ${image}`),
    it.nativeFrom === undefined
      ? '- **Open**: from which version on the release has the fix is not known. Who upgrades past the last entry before that loses it.'
      : `- ${it.nativeFrom} needs no override: its release has the fix.`,
    '',
  ];
}

/** Text of people on one line, so that it cannot begin a contract line of its own. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200);
