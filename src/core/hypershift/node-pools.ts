import type { NodePool } from './objects.ts';

/**
 * Everything of a node pool that moves when its nodes are to be rolled. Kept as it was before a lever is moved, and
 * compared afterwards.
 */
type NodePoolState = {
  readonly name: string;
  readonly uid: string;
  readonly generation?: number;
  /** Of UpdatingConfig, UpdatingVersion and UpdatingPlatformMachineTemplate, those that are True. */
  readonly updating: readonly string[];
  readonly currentConfig?: string;
  readonly currentConfigVersion?: string;
  /** Wants another release than it has. */
  readonly pendingRelease: boolean;
  /** Names of its user-data and token secrets, which end in the hash of the configuration; absent: not to be seen. */
  readonly secrets?: readonly string[];
};
export type NodePoolBaseline = readonly NodePoolState[];

const UPDATING = ['UpdatingConfig', 'UpdatingVersion', 'UpdatingPlatformMachineTemplate'];
const CURRENT_CONFIG = 'hypershift.openshift.io/nodePoolCurrentConfig';
const CURRENT_CONFIG_VERSION = 'hypershift.openshift.io/nodePoolCurrentConfigVersion';

/** `secretNames`: of the control plane's namespace, for who may list them; the others leave it out. */
export function nodePoolBaseline(
  pools: readonly NodePool[],
  secretNames?: readonly string[],
): NodePoolBaseline {
  return pools.map((pool) => stateOf(pool, secretNames)).sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

function stateOf({ metadata, spec, status }: NodePool, secretNames?: readonly string[]): NodePoolState {
  const { name, uid, generation, annotations } = metadata;
  const [config, configVersion] = [annotations?.[CURRENT_CONFIG], annotations?.[CURRENT_CONFIG_VERSION]];
  const updating = (status?.conditions ?? []).filter((c) => UPDATING.includes(c.type) && c.status === 'True');
  const tag = status?.version;
  return {
    name,
    uid,
    ...(generation !== undefined && { generation }),
    updating: updating.map((c) => c.type).sort(),
    ...(config !== undefined && { currentConfig: config }),
    ...(configVersion !== undefined && { currentConfigVersion: configVersion }),
    pendingRelease: tag !== undefined && isOtherRelease(spec?.release?.image, tag),
    ...(secretNames && { secrets: secretNames.filter((secret) => isOfPool(secret, name)).sort() }),
  };
}

/** By the tag of the image; one by digest does not say its version. */
function isOtherRelease(image: string | undefined, version: string): boolean {
  const tag = /:([^:/@]+)$/.exec(image ?? '')?.[1];
  return tag !== undefined && /^\d+\.\d+\.\d+/.test(tag) && tag !== version && !tag.startsWith(`${version}-`);
}

/** `user-data-<pool>-<hash>`: a pool whose name is the beginning of another's does not get the other's. */
const isOfPool = (secret: string, pool: string): boolean =>
  ['user-data-', 'token-'].some(
    (prefix) =>
      secret.startsWith(`${prefix}${pool}-`) &&
      /^[0-9a-f]+$/.test(secret.slice(prefix.length + pool.length + 1)),
  );

/**
 * What shows that nodes will be rolled, or are, that did not show before: one sentence; undefined when nothing does. Pools that came
 * or went meanwhile were made or deleted by somebody and say nothing.
 */
export function nodePoolDelta(before: NodePoolBaseline, after: NodePoolBaseline): string | undefined {
  const was = new Map(before.map((pool) => [pool.uid, pool]));
  const told = after.flatMap((pool) => {
    const earlier = was.get(pool.uid);
    const signs = earlier === undefined ? [] : signsOf(earlier, pool);
    return signs.length === 0
      ? []
      : [`${pool.name}: ${signs.slice(0, 4).join(', ')}${editedText(earlier!, pool)}`];
  });
  const more = told.length > 3 ? ` and ${told.length - 3} more` : '';
  return told.length === 0 ? undefined : `node pools begin to roll: ${told.slice(0, 3).join('; ')}${more}`;
}

/** A new version is somebody's wish where the pool was edited; the rest may be ours even then. */
function signsOf(was: NodePoolState, is: NodePoolState): string[] {
  const edited = isEdited(was, is);
  const signs = is.updating.filter(
    (type) => !was.updating.includes(type) && !(edited && type === 'UpdatingVersion'),
  );
  const fresh = (is.secrets ?? []).filter((name) => was.secrets !== undefined && !was.secrets.includes(name));
  signs.push(...fresh.map((name) => `new secret ${name}`));
  if (was.currentConfig !== undefined && is.currentConfig !== was.currentConfig)
    signs.push(`its configuration is ${is.currentConfig ?? 'gone'} and was ${was.currentConfig}`);
  else if (
    !edited &&
    was.currentConfigVersion !== undefined &&
    is.currentConfigVersion !== was.currentConfigVersion
  )
    signs.push(
      `its configuration's version is ${is.currentConfigVersion ?? 'gone'} and was ${was.currentConfigVersion}`,
    );
  if (!edited && is.pendingRelease && !was.pendingRelease) signs.push('it waits for another release');
  return signs;
}

const isEdited = (was: NodePoolState, is: NodePoolState): boolean => was.generation !== is.generation;

const editedText = (was: NodePoolState, is: NodePoolState): string =>
  isEdited(was, is) ? ` (it was edited meanwhile, generation ${was.generation} to ${is.generation})` : '';
