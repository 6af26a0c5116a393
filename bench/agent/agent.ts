import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openJournal } from '../../src/adapters/journal/index.ts';
import { connect } from '../../src/adapters/kubernetes/client.ts';
import { inform } from '../../src/adapters/kubernetes/informer.ts';
import { writerOn } from '../../src/adapters/kubernetes/writer.ts';
import { runAgent } from '../../src/agent/agent.ts';
import { createHubClock } from '../../src/agent/hub-clock.ts';
import type { Kind } from '../../src/agent/mirror/kinds.ts';
import { createMirror } from '../../src/agent/mirror/mirror.ts';
import { FIELD_MANAGER } from '../../src/core/hypershift/objects.ts';
import type { AgentSettings } from '../../src/core/hypershift/settings.ts';
import type { KubePatch, KubeWriter } from '../../src/ports/kube.ts';
import { type BenchHub, COMPONENT, MANAGEMENT_CLUSTER } from './hub.ts';

const REPOSITORY = 'registry.example/fixes/control-plane-operator';
export const SETTINGS: AgentSettings = {
  managementCluster: MANAGEMENT_CLUSTER,
  region: 'eu',
  sector: 'main',
  components: [{ name: COMPONENT, lever: 'annotation', repository: REPOSITORY }],
  labels: {},
};
const LOG = pino({ level: process.env.FLEETFIX_LOG ?? 'silent' });

/** Where an API server is; `between` serves plain HTTP and knows the token itself. */
export type Server = { readonly url: string; readonly ca?: string; readonly token?: string };

/** A way to an API server, with as many connections as any other of the run. */
export const kubeOf = ({ url, ca, token }: Server) =>
  connect({
    server: url,
    options: async () => ({
      ...(ca !== undefined && { ca }),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    }),
  });

/** An answer to a write: when it came, by `performance.now()`, after how long, and whether anything was written. */
type Written = { readonly patch: KubePatch; readonly atMs: number; readonly tookMs: number };

export type WatchedAgent = {
  /** Writes and dry runs in the order of their answers. */
  readonly writes: Written[];
  /** Called with each object that the mirror has just taken, and when. */
  onSeen: (object: SeenObject, atMs: number) => void;
  stop(): Promise<void>;
};

type SeenObject = Parameters<Kind['onChanged']>[0];

/** An agent as `fleetfix agent run` puts it together, with a clock at its writes and at what it sees. */
export async function watchedAgent(hub: BenchHub, server: Server): Promise<WatchedAgent> {
  const stop = new AbortController();
  const dir = mkdtempSync(join(tmpdir(), 'agent-bench-'));
  const kube = kubeOf(server);
  const journal = await openJournal(join(dir, 'journal.jsonl'));
  const writes: Written[] = [];
  const it: WatchedAgent = {
    writes,
    onSeen: () => {},
    async stop() {
      stop.abort();
      await running;
      await journal.close();
      kube.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  const running = runAgent(
    {
      settings: SETTINGS,
      link: hub.link,
      writer: timed(writerOn(kube, FIELD_MANAGER), writes),
      follow: (kind, signal) => inform(kube, kind.resource, seenBy(kind, it), signal),
      mirror: createMirror(SETTINGS, () => performance.now()),
      journal,
      clock: createHubClock(() => performance.now()),
      isGenuine: hub.isGenuine,
      sameImage: (digest) => digest,
      commitOf: () => undefined,
      log: LOG,
      run: crypto.randomUUID(),
      reportEveryMs: 10_000,
    },
    stop.signal,
  );
  return it;
}

const timed = (writer: KubeWriter, writes: Written[]): KubeWriter => ({
  async patch(patch, signal) {
    const began = performance.now();
    const answer = await writer.patch(patch, signal);
    const atMs = performance.now();
    if (answer.outcome === 'done') writes.push({ patch, atMs, tookMs: atMs - began });
    return answer;
  },
  get: (path, signal) => writer.get(path, signal),
});

const seenBy = (kind: Kind, it: WatchedAgent): Kind => ({
  ...kind,
  onChanged(object, uid) {
    kind.onChanged(object, uid);
    it.onSeen(object, performance.now());
  },
});
