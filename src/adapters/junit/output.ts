const PATH_CHARS_MAX = 1_000;
const BEGIN = '[[ATTACHMENT|';
const END = ']]';
const ATTEMPT = 'Attempt #';
const FAILED = /^Attempt #\d{1,4} Failed\.\s{1,4}Retrying/;
const FAILED_CHARS_MAX = 40;

/** Looks for marks in output that comes in pieces; holds no more of it than a mark is long. */
export type OutputReader = {
  take(piece: string): void;
  /** Paths of `[[ATTACHMENT|path]]`, as they are written. */
  readonly attachments: readonly string[];
  /** Attempts that failed, as Ginkgo tells them of a test that passed later. */
  readonly attemptsFailed: number;
};

/** Reads output of a test for the files it names (at most `attachmentsMax`) and its failed attempts. */
export function readOutput(attachmentsMax: number): OutputReader {
  const attachments: string[] = [];
  let attemptsFailed = 0;
  const files = followMarks(
    BEGIN,
    (text, isCut) => {
      const end = text.indexOf(END, BEGIN.length);
      const path = text.slice(BEGIN.length, end < 0 ? undefined : end);
      if (path.includes('\n') || path.length > PATH_CHARS_MAX) return 'no';
      if (end < 0) return isCut ? 'no' : 'more';
      if (path !== '' && attachments.length < attachmentsMax) attachments.push(path);
      return 'yes';
    },
    PATH_CHARS_MAX + BEGIN.length + END.length,
  );
  const attempts = followMarks(
    ATTEMPT,
    (text, isCut) => {
      if (FAILED.test(text)) {
        attemptsFailed += 1;
        return 'yes';
      }
      return isCut ? 'no' : 'more';
    },
    FAILED_CHARS_MAX,
  );
  return {
    attachments,
    get attemptsFailed() {
      return attemptsFailed;
    },
    take(piece) {
      files(piece);
      attempts(piece);
    },
  };
}

/**
 * Calls `look` once for each place where `begin` stands, with at most `charsMax` characters from there on. It says
 * `more` when too little of the text is there yet; `isCut` says that no more will be given.
 */
function followMarks(
  begin: string,
  look: (text: string, isCut: boolean) => 'yes' | 'no' | 'more',
  charsMax: number,
): (piece: string) => void {
  let tail = '';
  return (piece) => {
    const text = tail === '' ? piece : tail + piece;
    let from = 0;
    for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, from)) {
      const window = text.slice(at, at + charsMax);
      if (look(window, window.length === charsMax) === 'more') {
        tail = text.slice(at);
        return;
      }
      from = at + begin.length;
    }
    // What may be the beginning of the next one.
    tail = text.slice(Math.max(from, text.length - begin.length + 1));
  };
}
