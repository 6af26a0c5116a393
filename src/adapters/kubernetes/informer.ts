import { ApiProblem, type Kube, succeeded } from './client.ts';

/** A kind as its API names it: `/apis/apps/v1`, `deployments`. */
export type Resource = { readonly api: string; readonly plural: string; readonly labelSelector?: string };

/** What of every object is seen to begin with, whatever kind it is. */
export type Seen = {
  readonly metadata: { readonly uid: string; readonly resourceVersion?: string };
};

export type InformerEvents<T> = {
  /** Everything there is, after a list: what is not in it is gone. */
  readonly onSynced: (objects: ReadonlyMap<string, T>) => void;
  readonly onChanged: (object: T, uid: string) => void;
  readonly onGone: (uid: string) => void;
  /** Not followed for now, and why; it is tried again by itself. */
  readonly onTrouble: (because: string) => void;
  /** It is followed (again). */
  readonly onFollowed?: () => void;
};

const PAGE = 500;
/** A server ends watches itself; asking for it keeps both sides' clocks out of it. */
const WATCH_SECONDS = 300;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/**
 * Follows all objects of a kind until `signal`: lists in pages, watches from there with bookmarks, lists again when the server
 * has forgotten where we were (410), and goes on by itself after anything else, waiting longer each time. Only what `keep`
 * makes of an object is held by whoever listens; `keep` answers undefined for objects that do not concern us.
 */
export async function inform<T>(
  kube: Kube,
  resource: Resource,
  it: InformerEvents<T> & { readonly keep: (object: Seen) => T | undefined; readonly random?: () => number },
  signal: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  let version: string | undefined;
  while (!signal.aborted) {
    try {
      if (version === undefined) version = await listAll(kube, resource, it, signal);
      for await (const from of watchFrom(kube, resource, version, it, signal)) {
        version = from;
        waitMs = FIRST_WAIT_MS;
      }
      // The server ended the watch as asked. One that ends every watch at once must not be hammered.
      await pause(FIRST_WAIT_MS, signal);
    } catch (problem) {
      if (signal.aborted) return;
      const { status, retryAfterMs } =
        problem instanceof ApiProblem ? problem : new ApiProblem(String(problem), 0);
      if (status === 410) version = undefined;
      else it.onTrouble((problem as Error).message);
      // A forbidden or unknown kind may come to be allowed; until then it is asked for seldom.
      await pause(Math.max(retryAfterMs ?? 0, waitMs * (0.5 + (it.random ?? Math.random)())), signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  }
}

type Page = {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly Seen[];
};

async function listAll<T>(
  kube: Kube,
  resource: Resource,
  it: InformerEvents<T> & { readonly keep: (object: Seen) => T | undefined },
  signal: AbortSignal,
): Promise<string> {
  const all = new Map<string, T>();
  let next: string | undefined;
  for (;;) {
    const question = { path: pathOf(resource, { limit: String(PAGE), ...(next && { continue: next }) }) };
    const page = succeeded<Page>(question, await kube.ask(question, signal));
    for (const object of page.items ?? []) {
      const kept = it.keep(object);
      if (kept !== undefined) all.set(object.metadata.uid, kept);
    }
    next = page.metadata?.continue || undefined;
    if (next !== undefined) continue;
    const version = page.metadata?.resourceVersion;
    if (!version) throw new ApiProblem(`GET ${pathOf(resource, {})}: a list without a resourceVersion`, 0);
    it.onSynced(all);
    return version;
  }
}

type Event = {
  readonly type?: string;
  readonly object?: Seen & { readonly code?: number; readonly message?: string };
};

/** Yields the version to go on from, after every event. */
async function* watchFrom<T>(
  kube: Kube,
  resource: Resource,
  version: string,
  it: InformerEvents<T> & { readonly keep: (object: Seen) => T | undefined },
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const query = {
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(WATCH_SECONDS),
  };
  for await (const line of kube.lines({ path: pathOf(resource, query) }, signal, it.onFollowed)) {
    const { type, object } = line as Event;
    if (type === 'ERROR')
      throw new ApiProblem(
        `watch of ${resource.plural}: ${object?.message ?? 'ended with an error'}`,
        object?.code ?? 0,
      );
    if (object?.metadata === undefined) continue;
    tell(it, type, object);
    const { resourceVersion } = object.metadata;
    if (resourceVersion) yield resourceVersion;
  }
}

function tell<T>(
  it: InformerEvents<T> & { readonly keep: (object: Seen) => T | undefined },
  type: string | undefined,
  object: Seen,
): void {
  if (type === 'BOOKMARK') return;
  const kept = type === 'DELETED' ? undefined : it.keep(object);
  if (kept === undefined) it.onGone(object.metadata.uid);
  else it.onChanged(kept, object.metadata.uid);
}

function pathOf({ api, plural, labelSelector }: Resource, query: Readonly<Record<string, string>>): string {
  const all = new URLSearchParams({ ...query, ...(labelSelector && { labelSelector }) });
  return `${api}/${plural}?${all}`;
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
