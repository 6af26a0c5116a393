import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { loadAgentConfig } from '../adapters/config/load.ts';
import { type AgentIdentity, enrol, HubProblem, openLink, readIdentity } from '../adapters/hub-link/index.ts';
import { openJournal } from '../adapters/journal/index.ts';
import { openAccess } from '../adapters/kubernetes/access.ts';
import { connect } from '../adapters/kubernetes/client.ts';
import { inform } from '../adapters/kubernetes/informer.ts';
import { writerOn } from '../adapters/kubernetes/writer.ts';
import { takeFolder } from '../adapters/process/take-folder.ts';
import { verifyOrder } from '../adapters/signer/verify.ts';
import type { Digest } from '../core/base/ids.ts';
import { FIELD_MANAGER } from '../core/hypershift/objects.ts';
import { PROBE_MANAGER } from '../core/hypershift/probe.ts';
import type { AgentConfig } from '../wire/agent-config.ts';
import { runAgent } from './agent.ts';
import { createHubClock } from './hub-clock.ts';
import type { Kind } from './mirror/kinds.ts';
import { createMirror } from './mirror/mirror.ts';

export type AgentOptions = { readonly config?: string };

/** The configuration an agent is started with. Throws a ConfigProblem. */
export const agentConfigOf = (options: AgentOptions): Promise<AgentConfig> =>
  loadAgentConfig(options.config ?? 'fleetfix-agent.yaml');

async function hubOf({ hub }: AgentConfig) {
  if (hub === undefined)
    throw new HubProblem('hub is missing from the configuration: hub: { url: https://… }', 0);
  return { url: hub.url, ...(hub.ca !== undefined && { ca: await readFile(hub.ca, 'utf8') }) };
}

export const isEnrolled = async ({ stateDir, managementCluster }: AgentConfig): Promise<boolean> =>
  (await readIdentity(stateDir))?.managementCluster === managementCluster;

/** `fleetfix agent enrol`: uses a one-time token up. Throws a HubProblem. */
export async function enrolAgent(config: AgentConfig, token: string): Promise<AgentIdentity> {
  const { stateDir: dir, managementCluster } = config;
  const known = await readIdentity(dir);
  if (known !== undefined && known.managementCluster !== managementCluster)
    throw new HubProblem(
      `${dir} holds the identity of ${known.agent} for management cluster ${known.managementCluster}, not ${managementCluster}. ` +
        'Next: name another stateDir',
      0,
    );
  return await enrol({ dir, hub: await hubOf(config), managementCluster, token });
}

/** `fleetfix agent run`: until `signal`. Throws with what is wrong before anything is begun. */
export async function run(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const { stateDir, managementCluster, region, sector, components, labels, accepted, usual } = config;
  const log = pino({ level: process.env.FLEETFIX_LOG ?? 'info' }, pino.destination(2));
  const identity = await readIdentity(stateDir);
  if (identity === undefined)
    throw new HubProblem(
      `${stateDir} holds no identity. Next: fleetfix agent invite ${managementCluster} on the hub's side, then fleetfix agent enrol --invitation FILE here`,
      0,
    );
  if (identity.managementCluster !== managementCluster)
    throw new HubProblem(
      `${stateDir} holds the identity of management cluster ${identity.managementCluster}, and the configuration says ${managementCluster}`,
      0,
    );
  const access = await openAccess({
    ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
    ...(config.context !== undefined && { context: config.context }),
  });
  const kube = connect(access);
  const hub = await hubOf(config);
  const link = openLink(identity, hub);
  const lock = takeFolder(stateDir, {
    who: 'agent',
    next: 'One agent acts on a management cluster at a time. Stop that one, or name another stateDir.',
  });
  const journal = await openJournal(join(stateDir, 'journal.jsonl'));
  const keys = new Map(identity.hubKeys.map(({ keyId, publicKey }) => [keyId, publicKey]));
  log.info({ managementCluster, agent: identity.agent, server: access.server, hub: hub.url }, 'agent runs');
  try {
    await runAgent(
      {
        settings: {
          managementCluster,
          region,
          sector,
          components,
          labels,
          accepted,
          usual,
          probe: { nodePools: config.probe.nodePools, settleMs: config.probe.settle },
        },
        link,
        writer: writerOn(kube, FIELD_MANAGER),
        poolWriter: writerOn(kube, PROBE_MANAGER),
        follow: (kind, until) => inform(kube, kind.resource, told(kind, log), until),
        mirror: createMirror(config, () => performance.now()),
        journal,
        clock: createHubClock(() => performance.now()),
        isGenuine: (order) => {
          const key = keys.get(order.keyId);
          return key !== undefined && verifyOrder(key, order);
        },
        sameImage: sameImageOf(config),
        commitOf: (digest) => config.commits[digest],
        log,
        run: randomUUID(),
        reportEveryMs: config.reportEvery,
      },
      signal,
    );
  } finally {
    await journal.close();
    lock.release();
    kube.close();
    link.close();
  }
}

/** The same kind; the first trouble in a row is logged, and its end. */
function told(kind: Kind, log: Logger): Kind {
  const { plural } = kind.resource;
  let troubled = false;
  return {
    ...kind,
    onTrouble(because) {
      if (!troubled) log.warn({ kind: plural, because }, 'cannot be followed now; it is tried again');
      troubled = true;
      kind.onTrouble(because);
    },
    onFollowed() {
      if (troubled) log.info({ kind: plural }, 'is followed again');
      troubled = false;
      kind.onFollowed();
    },
  };
}

function sameImageOf({ sameImages }: AgentConfig): (digest: Digest) => Digest {
  const index = new Map(
    sameImages.flatMap(([first, ...rest]) => rest.map((one) => [one as Digest, first as Digest] as const)),
  );
  return (digest) => index.get(digest) ?? digest;
}
