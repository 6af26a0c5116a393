/** What a title and messages say of themselves. All of it is claimed, none is proved. */
export type Claims = {
  /** Keys of tickets in the title, such as `OCPBUGS-12`. */
  readonly tickets: readonly string[];
  /** Of a conventional commit: `fix`, `feat`, `refactor` …, lower case; a bug's or sparkles' sign at the beginning says the same. */
  readonly type?: string;
  readonly isBugTicket: boolean;
  readonly isFeatureTicket: boolean;
  readonly hasFixWord: boolean;
  readonly hasFeatureWord: boolean;
  readonly isRevert: boolean;
};

/** Projects in which bugs are kept. */
const BUGS = /^(OCPBUGS|BZ|BUG|RHBZ)$|BUGS?$/i;
/** Signs that projects of Kubernetes begin titles with, and what they say as types. Source: kubebuilder-release-tools. */
const SIGNS: Readonly<Record<string, string>> = {
  '🐛': 'fix',
  ':bug:': 'fix',
  '✨': 'feat',
  ':sparkles:': 'feat',
  '📖': 'docs',
  ':book:': 'docs',
  '🌱': 'chore',
  ':seedling:': 'chore',
};
const SIGN = /^(?:\[[^\]]*\]|\s)*(🐛|✨|📖|🌱|:(?:bug|sparkles|book|seedling):)/u;
/** Words that are in place of a ticket. */
const NO_TICKET = /^(NO|NOJIRA|CVE|UTF|SHA|RFC|ISO|AES)$/i;

/** `title` decides; of the messages only a revert that git wrote counts. */
export function claimsOf(title: string, messages: readonly string[] = []): Claims {
  const keys = [...title.matchAll(/\b([A-Z][A-Z0-9]{1,14})-(\d+)\b/g)].filter(
    ([, key]) => !NO_TICKET.test(key!),
  );
  const word =
    /(?:^|[\s:\]])(feat|fix|refactor|chore|docs?|test|ci|build|perf|style|revert)\s*(?:\([^)]*\))?!?\s*:/i
      .exec(title)?.[1]
      ?.toLowerCase();
  const type = word ?? SIGNS[SIGN.exec(title)?.[1] ?? ''];
  return {
    tickets: keys.map(([key]) => key),
    ...(type !== undefined && { type }),
    isBugTicket: keys.some(([, key]) => BUGS.test(key!)),
    isFeatureTicket: keys.length > 0 && !keys.some(([, key]) => BUGS.test(key!)),
    hasFixWord:
      /\b(fix(e[sd])?|bug|regression|crash(es|ed)?|panic|leak(s|ed)?|nil|race|incorrect(ly)?|wrong(ly)?|missing|fail(s|ed|ure|ing)?|prevent|avoid|hang|deadlock|broken|invalid|flak[ey]+)\b/i.test(
        title,
      ),
    hasFeatureWord:
      /\b(add(s|ed)?|support(s|ed)?|enabl(e|es|ed)|introduc(e|es|ed|ing)|implement(s|ed)?|allow(s|ed)?|expos(e|es|ed|ing)|new|scaffold|migrat(e|es|ed)|refactor(s|ed)?|adopt|extract)\b/i.test(
        title,
      ),
    isRevert:
      /\brevert\b/i.test(title) || messages.some((text) => /^This reverts commit [0-9a-f]{7,}/m.test(text)),
  };
}
