import { digestIn, isSameRef, repositoryOf } from './image-ref.ts';
import { type Hosted, type HostedCluster, RELEASE_IMAGE, type VersionEntry } from './objects.ts';

/** The release a control plane has completed, and whether it is on its way to another. */
export type ReleaseState = { readonly version: string; readonly upgrading: boolean };

/**
 * The release of the control plane's side. A history is newest first. What cannot be seen to be over counts as
 * an upgrade that runs. The first installation is none: there is one release alone, and what keeps it from being
 * completed may be what a fix is for; until it is available it is unhealthy.
 */
export function releaseStateOf(hosted: Pick<Hosted, 'cluster' | 'workloads'>): ReleaseState {
  const { spec, status } = hosted.cluster;
  const own = status?.controlPlaneVersion?.history ?? [];
  const all = status?.version?.history ?? [];
  const wanted = spec?.controlPlaneRelease?.image;
  const isNew = completed(own) === undefined && completed(all) === undefined;
  const upgrading =
    isMoving(all, { wanted: spec?.release?.image, isNew }) ||
    (own.length > 0
      ? isMoving(own, { wanted: wanted ?? spec?.release?.image, isNew })
      : wanted !== undefined && !templatesNameRelease(hosted, wanted));
  // HyperShift writes an empty version where it does not know it yet.
  const version = completed(own)?.version || completed(all)?.version || spokenVersion(hosted.cluster);
  return { version: version || 'unknown', upgrading };
}

const completed = (history: readonly VersionEntry[]) => history.find((e) => e.state === 'Completed');

/** `isNew`: nothing was ever completed, so what is under way is the first installation, unless it is not the first any more. */
function isMoving(
  history: readonly VersionEntry[],
  { wanted, isNew }: { readonly wanted: string | undefined; readonly isNew: boolean },
): boolean {
  const newest = history[0];
  if (newest === undefined) return true;
  if (wanted !== undefined && !isOf(newest, wanted)) return true;
  return newest.state !== 'Completed' && !(isNew && history.length === 1);
}

/** What is wanted may be named by a tag, and what is recorded by the digest that the tag stood for: then the version decides. */
function isOf({ image = '', version }: VersionEntry, wanted: string): boolean {
  if (isSameRef(image, wanted)) return true;
  const byTagAndDigest = digestIn(wanted) === undefined && digestIn(image) !== undefined;
  return byTagAndDigest && repositoryOf(wanted) === repositoryOf(image) && versionIn(wanted) === version;
}

/** Before controlPlaneVersion (4.20) nothing else tells of a roll to a release of the control plane's own. */
function templatesNameRelease({ workloads }: Pick<Hosted, 'workloads'>, wanted: string): boolean {
  const named = workloads.flatMap((w) => w.spec?.template?.metadata?.annotations?.[RELEASE_IMAGE] ?? []);
  return named.length > 0 && named.every((image) => isSameRef(image, wanted));
}

/** What is wanted, where nothing is completed yet: the desired version, or the tag of the release image. */
function spokenVersion({ spec, status }: HostedCluster): string | undefined {
  return status?.version?.desired?.version || versionIn(spec?.release?.image ?? '');
}

/** By the tag of a release image; undefined where it has none that says it. */
const versionIn = (image: string): string | undefined =>
  /:(\d+\.\d+\.\d+[0-9A-Za-z.-]*?)(-multi|-x86_64|-aarch64|-s390x|-ppc64le)?$/.exec(image)?.[1];

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
