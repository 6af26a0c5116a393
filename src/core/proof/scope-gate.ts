import type { ChangedFile, Unread } from '../scope/change.ts';
import { isCode } from '../scope/measures.ts';
import type { ScopePolicy } from '../scope/policy.ts';
import { isApiPath, isSchemaPath } from '../scope/schema-path.ts';
import { scopeStanding } from '../scope/standing.ts';
import type { ScopeVerdict } from '../scope/verdict.ts';
import type { Judged } from './judged.ts';
import { type Finding, someFindings } from './proof.ts';

/**
 * What the scope of a change comes to as a gate: a fix passes, what looks like a feature is a question for a person, and what
 * the policy blocks by name fails until somebody waives it with a reason. Nothing passes for what was not looked at: a file
 * that may hold a signal and was not read is a question. `files`: those of the change.
 */
export function judgeScope(
  verdict: ScopeVerdict,
  policy: ScopePolicy,
  files: readonly ChangedFile[],
): Judged {
  const { standing, because } = scopeStanding(verdict, policy);
  const unread = files.filter(mayHide);
  const about = `${verdict.verdict} (${verdict.score}): ${verdict.because}`;
  const findings = someFindings([...unjudged(verdict, unread), ...sightings(verdict), ...untested(verdict)]);
  if (standing === 'blocked') return { result: 'fail', note: `${because}; ${about}`, findings };
  if (unread.length > 0) return { result: 'unclear', note: `${unreadText(unread)}; ${about}`, findings };
  if (standing === 'passes') return { result: 'pass', note: about, findings };
  return { result: 'unclear', note: `${because}; ${verdict.because}`, findings };
}

const WHY: Readonly<Record<Exclude<Unread, 'not needed'>, string>> = {
  binary: 'no text',
  large: 'too large',
  missing: 'missing in the repository',
  link: 'a link',
  submodule: 'another repository',
  name: 'its name is no UTF-8',
  'too many': 'too many files',
};

/** Whether a file that nobody read may hold what is looked for: code, a schema, an API or what others are built from. */
function mayHide(file: ChangedFile): boolean {
  const { path, kind, unread } = file;
  if (unread === undefined || unread === 'not needed' || kind === 'removed') return false;
  return unread === 'submodule' || isCode(file) || isSchemaPath(path) || isNamedSource(path);
}

/** Other text in which signals are looked for. A picture in an API's folder is none. */
const isNamedSource = (path: string): boolean =>
  /(^|\/)(go\.mod|package\.json)$/.test(path) ||
  (/\.(go|proto|ya?ml|json)$/.test(path) && (isApiPath(path) || !isAside(path)));

/** Tests, what belongs to others, and what is for people to read. */
const isAside = (path: string): boolean =>
  /(^|\/)(vendor|node_modules|third_party|testdata|tests?|fixtures|docs?)\/|_test\.go$/.test(path);

const why = ({ unread }: ChangedFile): string => WHY[unread as keyof typeof WHY];

const unreadText = (unread: readonly ChangedFile[]): string => {
  const [first] = unread;
  const more = unread.length > 1 ? ` and ${unread.length - 1} more` : '';
  return `${first!.path} (${why(first!)})${more} may hold what speaks for a feature, and was not judged: a person decides`;
};

const UNREAD_MAX = 5;

/** What the reading of the change says of it, and the first files that it is about. */
const unjudged = ({ warnings }: ScopeVerdict, unread: readonly ChangedFile[]): Finding[] =>
  unread.length === 0
    ? []
    : [
        ...warnings.map((text) => ({ text })),
        ...unread.slice(0, UNREAD_MAX).map((file) => ({ text: `not judged: ${why(file)}`, path: file.path })),
      ];

/** What blocks comes first, then what weighs most. */
const sightings = ({ signals, blocking }: ScopeVerdict): Finding[] =>
  signals
    .toSorted((a, b) => b.weight - a.weight)
    .toSorted((a, b) => Number(blocking.includes(b.signal)) - Number(blocking.includes(a.signal)))
    .map(({ signal, path, line, what }) => ({
      text: `${signal}: ${what}`,
      path,
      ...(line !== undefined && { line }),
    }));

const untested = ({ tests }: ScopeVerdict): Finding[] =>
  tests.uncovered.map(({ path, name }) => ({ text: `no test of its package reaches ${name}`, path }));
