const PATH_CHARS_MAX = 1_000;
const MARK = /\[\[ATTACHMENT\|([^\]\n]{1,1000})\]\]/g;
const ATTEMPT = /Attempt #\d{1,4} Failed\.\s{1,4}Retrying/g;
/** No mark is longer than this. */
const TAIL = PATH_CHARS_MAX + 20;

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
  let [tail, attemptsFailed] = ['', 0];
  return {
    attachments,
    get attemptsFailed() {
      return attemptsFailed;
    },
    take(piece) {
      const text = tail + piece;
      let done = 0;
      for (const match of text.matchAll(MARK)) {
        if (attachments.length < attachmentsMax) attachments.push(match[1]!);
        done = match.index + match[0].length;
      }
      for (const match of text.matchAll(ATTEMPT)) {
        attemptsFailed += 1;
        done = Math.max(done, match.index + match[0].length);
      }
      // What was found is not looked at again, and of the rest no more than may be the beginning of a mark.
      tail = text.slice(Math.max(done, text.length - TAIL));
    },
  };
}
