import { type DeployedDiff, EXPLAINED_MAX, type FileDiff } from '../../../core/assembly/explanation.ts';
import { type PathRules, pathClass } from '../../../core/assembly/path-class.ts';
import type { Commit } from '../../../core/base/ids.ts';
import type { Git } from '../objects/git.ts';
import { nulParts, pathText } from '../objects/path-text.ts';
import { visibleLines } from '../objects/visible-text.ts';
import type { Budget } from './budget.ts';

/** Compares two commits. `budget` absent: names and counts only. */
export async function deployedDiff(
  git: Git,
  at: {
    readonly from: Commit;
    readonly to: Commit;
    readonly rules?: PathRules;
    readonly budget?: Budget;
  },
): Promise<DeployedDiff> {
  const { from, to, budget } = at;
  const counted = await git.read(['diff-tree', ...WAYS, '--raw', '--numstat', '-z', from, to], LIMITS);
  const rows = countsOf(counted, at.rules);
  const named = rows.slice(0, EXPLAINED_MAX.files);
  const patches = budget ? await patchesOf(git, from, to) : undefined;
  let section = 0;
  const files = named.map((row): FileDiff => {
    const { sections, ...file } = row;
    const own = patches?.sections.slice(section, section + sections) ?? [];
    section += sections;
    return { ...file, ...takenOf(file, own, budget) };
  });
  return {
    from,
    to,
    total: {
      files: rows.length,
      added: sum(rows.map((row) => row.added)),
      removed: sum(rows.map((row) => row.removed)),
    },
    files,
    leftOut: leftOutOf(rows.length, files),
    command: `git diff ${from} ${to}`,
  };
}

// Like `git diff` of a person without settings of their own; no program of the repository's choice is run.
const WAYS = ['-r', '-M', '--no-color', '--no-ext-diff', '--no-textconv'];
const LIMITS = { timeoutMs: 30_000, keepBytesMax: 64 * 1024 * 1024 };
/** What is kept of patches is far more than is given: a file in the middle may be large and left out. */
const PATCH_LIMITS = { timeoutMs: 30_000, keepBytesMax: 16 * 1024 * 1024 };

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** A file without its patch. `sections`: how many parts of the patch are about it. */
type Counted = Omit<FileDiff, 'patch' | 'leftOut'> & { readonly sections: number };

const DID: Readonly<Record<string, FileDiff['did']>> = { A: 'added', D: 'deleted', R: 'renamed' };

/** Raw rows (`:<mode> <mode> <id> <id> <status>`, one or two paths), then in the same order counts and paths. */
function countsOf(bytes: Buffer, rules: PathRules = {}): Counted[] {
  const parts = nulParts(bytes);
  const raws: { status: string; modes: [string, string]; paths: Buffer[] }[] = [];
  let at = 0;
  while (parts[at]?.[0] === 0x3a) {
    const [before = '', after = '', , , status = ''] = parts[at]!.toString('latin1', 1).split(' ');
    const paths = parts.slice(at + 1, at + (/^[RC]/.test(status) ? 3 : 2));
    raws.push({ status, modes: [before, after], paths });
    at += 1 + paths.length;
  }
  return raws.map(({ status, modes, paths }) => {
    const [added = '', removed = ''] = (parts[at] ?? Buffer.of()).toString('latin1').split('\t');
    // A rename has its two paths in parts of their own.
    at += paths.length > 1 ? 3 : 1;
    const path = pathText(paths.at(-1) ?? Buffer.of());
    const [before, after] = modes;
    const isChangedMode = before !== after && !/^0+$/.test(before) && !/^0+$/.test(after);
    return {
      path,
      ...(paths.length > 1 && { from: pathText(paths[0]!) }),
      did: DID[status[0] ?? ''] ?? 'modified',
      class: pathClass(path, rules),
      isBinary: added === '-',
      added: Number(added) || 0,
      removed: Number(removed) || 0,
      ...(isChangedMode && { mode: `${before} → ${after}` }),
      // A file that becomes a link, say, is shown as taken away and put there.
      sections: status.startsWith('T') ? 2 : 1,
    };
  });
}

type Patches = { readonly sections: readonly (readonly string[])[] };

/** The hunks of each `diff --git` section in order. What was cut off by the limit is not there. */
async function patchesOf(git: Git, from: Commit, to: Commit): Promise<Patches> {
  const ran = await git.run(['diff-tree', '-p', ...WAYS, from, to], PATCH_LIMITS);
  const sections: Buffer[] = [];
  const starts = sectionStarts(ran.stdout);
  for (const [i, start] of starts.entries()) sections.push(ran.stdout.subarray(start, starts[i + 1]));
  // The last one may have lost its end: better not at all than half without a word.
  return { sections: (ran.truncated ? sections.slice(0, -1) : sections).map(hunksOf) };
}

const START = Buffer.from('diff --git ');

/** Lines of content begin with a space, a sign or a backslash: at the start of a line these words are a header. */
function sectionStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at + 1))
    if (at === 0 || bytes[at - 1] === 10) starts.push(at);
  return starts;
}

function hunksOf(section: Buffer): string[] {
  const lines = visibleLines(section);
  const first = lines.findIndex((line) => line.startsWith('@@ '));
  return first < 0 ? [] : lines.slice(first);
}

function takenOf(
  file: Omit<Counted, 'sections'>,
  sections: readonly (readonly string[])[],
  budget: Budget | undefined,
): Pick<FileDiff, 'patch' | 'leftOut'> {
  if (!budget) return { patch: [], leftOut: 0 };
  const isMissing = sections.length === 0 && !file.isBinary;
  if (isMissing) return { patch: [], leftOut: file.added + file.removed };
  return budget.take(sections.flat());
}

function leftOutOf(all: number, files: readonly FileDiff[]): string[] {
  const { patchLines, patchBytes } = EXPLAINED_MAX;
  const cut = files.filter((file) => file.leftOut > 0);
  const lines = sum(cut.map((file) => file.leftOut));
  const some = cut
    .slice(0, 3)
    .map((file) => file.path)
    .join(', ');
  return [
    ...(all > files.length ? [`${all - files.length} of ${all} files are not named here`] : []),
    ...(cut.length > 0
      ? [
          `${lines} lines of the patches of ${cut.length} ${cut.length === 1 ? 'file' : 'files'} are not given ` +
            `(${some}${cut.length > 3 ? ', …' : ''}): at most ${patchLines} a file, ${patchBytes / 1024} KiB in all`,
        ]
      : []),
  ];
}
