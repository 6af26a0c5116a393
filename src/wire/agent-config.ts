import { z } from 'zod';
import { SETTLE_MS } from '../core/hypershift/probe.ts';
import { LEVERS } from '../core/hypershift/settings.ts';
import { duration } from './config.ts';

const text = z.string().min(1).max(255);
const dnsName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'expected a name as Kubernetes has them');

const workload = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet']),
  /** Of the management cluster; left out: the namespace of each control plane. */
  namespace: dnsName.exactOptional(),
  name: dnsName,
  container: dnsName,
});

const component = z.strictObject({
  name: dnsName,
  lever: z.enum(LEVERS),
  /** `host/path` without tag or digest: where the images that orders name by digest are pulled from. */
  repository: text,
  sharedRepository: z.boolean().exactOptional(),
  payloadName: dnsName.exactOptional(),
  workload: workload.exactOptional(),
});

/** What `fleetfix agent run` is told, in a YAML file. */
export const agentConfigSchema = z.strictObject({
  /** Left out only for one that runs in the hub's own process. */
  hub: z
    .strictObject({
      url: z.url({ protocol: /^https?$/, error: 'expected https://HOST, or http:// on this machine' }),
      /** A file with the PEM of the authority that signed the hub's certificate. */
      ca: text.exactOptional(),
    })
    .exactOptional(),
  managementCluster: dnsName,
  region: text,
  sector: text,
  components: z.array(component).min(1).max(100),
  /** Under which label or annotation of a hosted cluster something stands. */
  labels: z.strictObject({ customer: text.exactOptional() }).default({}),
  /** Guards that people decided not to hold here, by name. */
  accepted: z.array(text).max(32).default([]),
  /** Types of conditions that are wrong with hosted clusters here for reasons of the place. */
  usual: z.array(text).max(32).default([]),
  /** Whether node pools are paused for a while and asked what an image would do to them; needs rights of its own. */
  probe: z
    .strictObject({ nodePools: z.boolean().default(false), settle: duration.default(SETTLE_MS) })
    .prefault({}),
  /** Which other digests an image goes by: its index first, then that of each platform. */
  sameImages: z
    .array(
      z
        .array(z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'))
        .min(2)
        .max(16),
    )
    .max(10_000)
    .default([]),
  /** The commits that images were built from, where nothing else tells the hub: by digest. */
  commits: z
    .record(
      z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
      z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'expected a full commit id'),
    )
    .default({}),
  /** Where the identity and the journal are kept. */
  stateDir: text.default('/var/lib/fleetfix-agent'),
  /** Without one: the service account of the pod. */
  kubeconfig: text.exactOptional(),
  context: text.exactOptional(),
  /** Something is said at least this often, so that silence means something. */
  reportEvery: duration.default(30_000),
});

export type AgentConfig = z.output<typeof agentConfigSchema>;
