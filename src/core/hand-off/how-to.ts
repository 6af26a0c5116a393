import type { Digest, FixId } from '../base/ids.ts';
import { CPO_IMAGE, IMAGE_OVERRIDES } from '../hypershift/objects.ts';
import type { CommandName } from '../life/command.ts';
import { stateRefusal } from '../life/decide.ts';
import type { Fix } from '../life/fix.ts';
import type { HowTo } from './hand-off.ts';
import { shellWord } from './plain.ts';

/** Where a component's images are and how they are put in place, as it is configured. */
export type Place = {
  /** `host/path`, without tag and digest. */
  readonly image: string;
  readonly levers: readonly string[];
  readonly owners: readonly string[];
  readonly branch: string;
};

/** The image as it is pulled. A repository that was written with a tag or digest loses it: the digest alone names the image. */
export const pulledAs = (image: string, digest: Digest): string =>
  `${image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')}@${digest}`;

/** How one cluster gets the image by hand, for a test, and how it is taken away there. */
export function clusterWith(
  place: Place,
  input: {
    readonly fix: FixId;
    readonly component: string;
    readonly digest: Digest;
    readonly versions: readonly string[];
    readonly perManagementCluster: boolean;
  },
): HowTo {
  const ref = shellWord(pulledAs(place.image, input.digest));
  const lever = place.levers.find(
    (one) => one in BY_HAND && (one !== 'annotation' || isCpo(input.component)),
  );
  const ways = lever === undefined ? undefined : BY_HAND[lever as keyof typeof BY_HAND](ref);
  if (ways === undefined)
    return {
      text: `${input.component} is put in place by ${place.levers.join(', ')}: how a single cluster is given it by hand is not known here.`,
      steps: [],
      know: [],
    };
  const shared = input.perManagementCluster
    ? 'There is one on a management cluster: all control planes there depend on it, so take a management cluster of your own.'
    : 'It touches that one cluster alone; the fleet is not told, and nothing of it is recorded here.';
  return {
    text: `Take a cluster of your own on ${input.versions.join(' or ') || 'the release of this line'}, and put your names for NAME and NAMESPACE. ${shared}`,
    steps: ways.steps,
    know: [
      ways.restarts,
      ways.back,
      'On a control plane that an agent reports, an image set by hand counts as another owner’s, and Fleetfix leaves it alone: ' +
        `fleetfix why ${input.fix} --target NAME says so.`,
    ],
  };
}

/** The annotation is of one component alone; on another it would put a stranger in its place. */
const isCpo = (component: string): boolean => /control-plane-operator|\bcpo\b/.test(component);

const BY_HAND = {
  annotation: (ref: string) => ({
    steps: [
      {
        what: 'put it on',
        command: `oc annotate hostedcluster NAME -n NAMESPACE --overwrite ${CPO_IMAGE}=${ref}`,
      },
      {
        what: 'or make a new one with it, with your other flags',
        command: `hypershift create cluster PLATFORM --annotations ${CPO_IMAGE}=${ref}`,
      },
      { what: 'see that it runs', command: RUNNING },
      { what: 'take it off', command: `oc annotate hostedcluster NAME -n NAMESPACE ${CPO_IMAGE}-` },
    ],
    restarts:
      'Both ways restart control-plane-operator, then etcd, kube-apiserver and most workloads of the control plane. With one replica the API is away meanwhile.',
    back: 'Take the annotation off by its name with a dash; an empty one counts as an image, and a broken one.',
  }),
  'image-overrides': (ref: string) => ({
    steps: [
      {
        what: 'see what is there already',
        command: `oc get hostedcluster NAME -n NAMESPACE -o yaml | grep ${IMAGE_OVERRIDES}`,
      },
      {
        what: 'put it on, with the entries that were there before it, by commas',
        command: `oc annotate hostedcluster NAME -n NAMESPACE --overwrite ${IMAGE_OVERRIDES}=PAYLOADNAME=${ref}`,
      },
      { what: 'see that it runs', command: RUNNING },
      {
        what: 'take it off, when there are no other entries',
        command: `oc annotate hostedcluster NAME -n NAMESPACE ${IMAGE_OVERRIDES}-`,
      },
    ],
    restarts:
      'Both ways restart control-plane-operator and the workloads that run the component; network components also on the nodes.',
    back: 'PAYLOADNAME is the component’s name in the release. All entries are one value: what you leave out of it is taken away.',
  }),
  'workload-image': (ref: string) => ({
    steps: [
      { what: 'put it on', command: `oc set image KIND/NAME CONTAINER=${ref} -n NAMESPACE` },
      { what: 'see that it runs', command: 'oc rollout status KIND/NAME -n NAMESPACE' },
      { what: 'take it off', command: 'oc rollout undo KIND/NAME -n NAMESPACE' },
    ],
    restarts: 'Both ways restart the pods of that workload, as its strategy says.',
    back: 'Whoever applies the image of the workload puts their own back.',
  }),
} as const;

const RUNNING = 'oc get pods -n NAMESPACE-NAME -o jsonpath="{..imageID}"';

/** How the fix is taken back where it was delivered. */
export function backOf(fix: Fix): HowTo {
  if (fix.closed !== undefined)
    return {
      text: `The fix is over (${fix.closed.as}). Nothing is taken back by it any more.`,
      steps: [],
      know: [],
    };
  if (fix.rollout === undefined)
    return {
      text: 'Nothing is delivered yet, so there is nothing to take back.',
      steps: possible(fix, 'withdraw', {
        what: 'give the fix up',
        command: `fleetfix withdraw ${fix.id} --reason TEXT`,
      }),
      know: [],
    };
  return {
    text: 'A rollback puts back what ran before. It needs no plan and no approval.',
    steps: [
      ...possible(fix, 'pause', { what: 'no further one starts', command: `fleetfix pause ${fix.id}` }),
      { what: 'one control plane', command: `fleetfix rollback ${fix.id} --target NAME --reason TEXT` },
      { what: 'all of them', command: `fleetfix rollback ${fix.id} --reason TEXT` },
    ],
    know: [
      'Going back rolls the same workloads a second time, and what goes back is exposed to the fault again.',
    ],
  };
}

/** A step that the state of the fix allows. */
const possible = (fix: Fix, act: CommandName, step: HowTo['steps'][number]): HowTo['steps'] =>
  stateRefusal(fix, act) === undefined ? [step] : [];
