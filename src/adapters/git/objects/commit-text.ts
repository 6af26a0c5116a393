import type { Commit } from '../../../core/base/ids.ts';

/**
 * A commit as its object holds it. Bytes are kept one to one as latin1 text, so that names and
 * messages in any encoding come through unchanged; `readable` turns them into text for people.
 */
export type CommitText = {
  readonly id: Commit;
  readonly tree: string;
  readonly parents: readonly Commit[];
  /** `Name <email> seconds zone`, raw. */
  readonly author: string;
  readonly committer: string;
  readonly encoding?: string;
  readonly message: string;
};

/** Reads the body of a commit object. Continuation lines (signatures, merge tags) are left out. */
export function parseCommit(id: Commit, body: Buffer): CommitText {
  const text = body.toString('latin1');
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const fields = head.split('\n').filter((line) => !line.startsWith(' '));
  const all = (key: string) =>
    fields.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const encoding = all('encoding')[0];
  return {
    id,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: all('author')[0] ?? '',
    committer: all('committer')[0] ?? '',
    ...(encoding === undefined ? {} : { encoding }),
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

/** The body of a commit object. */
export function formatCommit(commit: Omit<CommitText, 'id'>): Buffer {
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${commit.author}`,
    `committer ${commit.committer}`,
    ...(commit.encoding === undefined ? [] : [`encoding ${commit.encoding}`]),
  ];
  return Buffer.from(`${head.join('\n')}\n\n${commit.message}`, 'latin1');
}

/** Name, email and seconds since 1970 of an author or committer; 0 when the time cannot be read. */
export function personOf(line: string): { name: string; email: string; seconds: number } {
  const match = /^(.*?) ?<([^>]*)>(?: (-?\d+))?/.exec(line);
  return {
    name: match?.[1] ?? '',
    email: match?.[2] ?? '',
    seconds: Math.min(SECONDS_MAX, Math.max(0, Number(match?.[3] ?? 0))),
  };
}

// The year 5138; what is later was not meant as a time.
const SECONDS_MAX = 99_999_999_999;

/** latin1-kept bytes as text: in the commit's encoding, else UTF-8 with replacement characters. */
export function readable(raw: string, encoding = 'utf-8'): string {
  const bytes = Buffer.from(raw, 'latin1');
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** The first paragraph of a message on one line. */
export function subjectOf(commit: Pick<CommitText, 'message' | 'encoding'>): string {
  const first = commit.message.replace(/^\n+/, '').split('\n\n')[0] ?? '';
  return readable(first, commit.encoding).replace(/\s+/g, ' ').trim();
}

const FOOTER = /^(?:[A-Za-z0-9-]+: .*|\(cherry picked from commit [0-9a-f]+\)|[ \t].*)$/;

/** The message with trailers at its end, in its last block when that is one of trailers already. */
export function withTrailers(message: string, trailers: readonly string[]): string {
  const trimmed = message.trimEnd();
  const paragraphs = trimmed.split('\n\n');
  const last = paragraphs.at(-1) ?? '';
  const isFooter = paragraphs.length > 1 && last.split('\n').every((line) => FOOTER.test(line));
  return `${trimmed}${isFooter ? '\n' : '\n\n'}${trailers.join('\n')}\n`;
}
