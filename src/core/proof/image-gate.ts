import type { Commit, Digest, FixId } from '../base/ids.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { Check, ImageVerdict } from './image.ts';
import type { Judged } from './judged.ts';
import { type Finding, someFindings } from './proof.ts';

/** What is found of an image as a gate: it passes or fails, and every check that refuses is a finding. */
export function judgeImageGate(fix: FixId, verdict: ImageVerdict): Judged {
  const refused = verdict.checks.filter(({ ok }) => !ok);
  const [first] = refused;
  if (first === undefined) return { result: 'pass', note: oneLine(passedNote(verdict)) };
  return {
    result: 'fail',
    note: oneLine(`${first.name}: ${first.because}`),
    findings: someFindings(refused.map((check) => findingOf(fix, check))),
    ...(refused.every(({ name }) => MAY_COME.has(name)) && { mayCome: true }),
  };
}

/** What others add to an image after it was built; all else of it never changes under its digest. */
const MAY_COME: ReadonlySet<Check['name']> = new Set([
  'registry',
  'signature',
  'provenance',
  'provenance-platforms',
]);

/** The registry did not say: no word on the image, and for people to see to if it stays so. */
export function notAsked(fix: FixId, why: { readonly because: string; readonly next: string }): Judged {
  const retry = retryOf(fix);
  return {
    result: 'fail',
    note: oneLine(`could not be asked: ${why.because}; retry with ${retry}`),
    findings: [{ text: oneLine(`registry: ${why.because}; next: ${why.next}, then ${retry}`) }],
    mayCome: true,
  };
}

function passedNote({ checks, architectures }: ImageVerdict): string {
  const said = (name: Check['name']) => checks.filter((c) => c.name === name).map(({ because }) => because);
  const platforms = architectures.map(({ platform }) => platform).join(', ');
  return [...(['signature', 'provenance', 'commit', 'label-set'] as const).flatMap(said), platforms].join(
    '; ',
  );
}

function findingOf(fix: FixId, { name, because, allowed, next }: Check): Finding {
  const more = [
    ...(allowed ? [`allowed: ${allowed}`] : []),
    ...(next ? [`next: ${next}, then ${retryOf(fix)}`] : []),
  ];
  return { text: oneLine([`${name}: ${because}`, ...more].join('; ')) };
}

/** A registry tells nobody that it has something new; people say when to look again. */
const retryOf = (fix: FixId) => `fleetfix retry ${fix} --stage proof`;

const LINE_MAX = 2_000;

/** Labels and statements are whatever their author wrote: they become one line, and not an endless one. */
function oneLine(text: string): string {
  const flat = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return flat.length > LINE_MAX ? `${flat.slice(0, LINE_MAX - 1)}…` : flat;
}

/** One release is seldom built more than once; of more images than this, those that most run are looked at. */
const NATIVE_MAX = 4;

/**
 * The images that control planes of a line run without our lever: those of its release, the most common first, at most four.
 * Empty for a line that nothing is on yet.
 */
export function nativeImages(of: {
  readonly component: string;
  readonly release: Commit;
  readonly fleet: readonly ControlPlane[];
  readonly images: readonly ImageFacts[];
}): Digest[] {
  const releases = new Set(
    of.images.filter(({ commit }) => commit === of.release).map(({ digest }) => digest),
  );
  const counts = new Map<Digest, number>();
  for (const { components } of of.fleet) {
    const digest = components[of.component]?.release;
    if (digest && releases.has(digest)) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return byCount.slice(0, NATIVE_MAX).map(([digest]) => digest);
}
