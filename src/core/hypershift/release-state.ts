import { isSameRef } from './image-ref.ts';
import { type Hosted, type HostedCluster, RELEASE_IMAGE, type VersionEntry } from './objects.ts';

/** The release a control plane has completed, and whether it is on its way to another. */
export type ReleaseState = { readonly version: string; readonly upgrading: boolean };

/** Written on every pod template of a control plane. */

/**
 * The release of the control plane's side. A history is newest first. What cannot be seen to be over counts as
 * an upgrade that runs.
 */
export function releaseStateOf(hosted: Pick<Hosted, 'cluster' | 'workloads'>): ReleaseState {
  const { spec, status } = hosted.cluster;
  const own = status?.controlPlaneVersion?.history ?? [];
  const all = status?.version?.history ?? [];
  const wanted = spec?.controlPlaneRelease?.image;
  const upgrading =
    isMoving(all, spec?.release?.image) ||
    (own.length > 0
      ? isMoving(own, wanted ?? spec?.release?.image)
      : wanted !== undefined && !templatesNameRelease(hosted, wanted));
  const version = completed(own)?.version ?? completed(all)?.version ?? spokenVersion(hosted.cluster);
  return { version: version ?? 'unknown', upgrading };
}

const completed = (history: readonly VersionEntry[]) => history.find((e) => e.state === 'Completed');

function isMoving(history: readonly VersionEntry[], wanted: string | undefined): boolean {
  const newest = history[0];
  if (newest?.state !== 'Completed') return true;
  return wanted !== undefined && !isSameRef(newest.image ?? '', wanted);
}

/** Before controlPlaneVersion (4.20) nothing else tells of a roll to a release of the control plane's own. */
function templatesNameRelease({ workloads }: Pick<Hosted, 'workloads'>, wanted: string): boolean {
  const named = workloads.flatMap((w) => w.spec?.template?.metadata?.annotations?.[RELEASE_IMAGE] ?? []);
  return named.length > 0 && named.every((image) => isSameRef(image, wanted));
}

/** What is wanted, where nothing is completed yet: the desired version, or the tag of the release image. */
function spokenVersion({ spec, status }: HostedCluster): string | undefined {
  const tag = /:(\d+\.\d+\.\d+[0-9A-Za-z.-]*?)(-multi|-x86_64|-aarch64|-s390x|-ppc64le)?$/.exec(
    spec?.release?.image ?? '',
  );
  return status?.version?.desired?.version ?? tag?.[1];
}

/**
 * Why reconciling is paused now, as HyperShift reads the field (ProcessPausedUntilField in support/util/pausereconcile.go):
 * a truth value, or a time in the future. Anything else does not pause.
 */
export function pausedBecause({ spec }: HostedCluster, nowMs: number): string | undefined {
  const until = spec?.pausedUntil;
  if (until === undefined) return undefined;
  if (/^(1|t|T|true|TRUE|True)$/.test(until))
    return 'reconciling is paused until the field pausedUntil is removed';
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(until);
  return isTime && nowMs < Date.parse(until) ? `reconciling is paused until ${until}` : undefined;
}
