import type { Commit, Digest } from '../../core/base/ids.ts';
import { epochMs, type Instant, instantOf, type Ms } from '../../core/base/instant.ts';
import type { Result } from '../../core/base/result.ts';
import type { Builder, BuildOutcome, BuildWork } from '../../ports/builder.ts';
import { attempt } from './attempt.ts';

// Labels that give the image a name in the layout and a time, when the work carries them.
const FIX_LABEL = 'io.fleetfix.fix';
const LINE_LABEL = 'io.fleetfix.line';
const CREATED_LABEL = 'org.opencontainers.image.created';

/** Puts a folder into an image layout; the adapter `oci` does. The error is one line for people. */
export type KeepImage = (image: {
  readonly dir: string;
  readonly output: string;
  readonly layout: string;
  readonly commit: Commit;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  readonly ref?: string;
  readonly signal: AbortSignal;
}) => Promise<Result<{ readonly digest: Digest }, string>>;

/**
 * A builder that runs the component's command in the tree of the candidate and keeps the folder it fills
 * as an image. The image's time, also given to the command as SOURCE_DATE_EPOCH, is the label
 * `org.opencontainers.image.created` (the commit's time) or 1970, never now: same commit, same image.
 */
export function createCommandBuilder(keepImage: KeepImage): Builder {
  return {
    async build(work: BuildWork): Promise<BuildOutcome> {
      const began = performance.now();
      const tookMs = (): Ms => Math.round(performance.now() - began);
      const createdAt = createdAtOf(work.labels);
      const { because } = await attempt({ ...work, env: environment(work, createdAt), kind: 'builder' });
      if (because !== undefined) return { outcome: 'failed', because, tookMs: tookMs() };
      const kept = await keepImage({ ...pick(work), createdAt, ...refOf(work.labels) });
      return kept.ok
        ? { outcome: 'built', digest: kept.value.digest, tookMs: tookMs() }
        : { outcome: 'failed', because: kept.error, tookMs: tookMs() };
    },
  };
}

const pick = ({ dir, output, layout, commit, labels, signal }: BuildWork) => ({
  dir,
  output,
  layout,
  commit,
  labels,
  signal,
});

const environment = (work: BuildWork, createdAt: Instant): Record<string, string> => ({
  FLEETFIX_COMMIT: work.commit,
  FLEETFIX_IMAGE: work.image,
  SOURCE_DATE_EPOCH: String(Math.floor(epochMs(createdAt) / 1_000)),
});

/** The start of 1970 when there is no time or it cannot be read: a wrong guess would change the digest. */
function createdAtOf(labels: BuildWork['labels']): Instant {
  const ms = epochMs(labels[CREATED_LABEL] ?? '');
  return instantOf(Number.isFinite(ms) && ms > 0 ? ms : 0);
}

function refOf(labels: BuildWork['labels']): { readonly ref?: string } {
  const [fix, line] = [labels[FIX_LABEL], labels[LINE_LABEL]];
  return fix === undefined || line === undefined ? {} : { ref: `${fix}-${line}` };
}
