import type { Thing } from '../api.ts';
import { conditionIn, isFalse, isTrue, type Verdicts, verdict, withVerdicts } from './conditions.ts';
import { COMPONENTS, type Component, type Ref, versionOf } from './options.ts';
import { bring, isAsWanted, isRolledOut, make, type Place, say, workloadSeen } from './place.ts';
import { HYPERSHIFT } from './seen.ts';
import { COMPONENT, componentFor, OPERATOR, toldTo } from './templates.ts';

/** How far a control plane is with what its operator was told. */
export type Progress = {
  /** Of the operator that runs; absent: none does. */
  readonly image?: Ref;
  /** All components are rolled out to this release. */
  readonly completed?: Ref;
};

/** What the control-plane-operator does, if it runs: brings its components, each when those before it are rolled out. */
export async function reconcileControlPlane(place: Place, plane: Thing): Promise<Progress> {
  const told = running(place, plane.metadata.namespace);
  if (told === undefined) return {};
  const { image, release } = told;
  // An operator for another release leaves everything as it is.
  if (release !== (plane.spec.controlPlaneReleaseImage ?? plane.spec.releaseImage)) return { image };
  const done = new Set<string>();
  const { components = COMPONENTS } = place.options;
  for (const component of components) {
    const wanted = componentFor(component, plane, told);
    const { after = ['kube-apiserver'] } = component;
    const mayGo = after.every((name) => done.has(name));
    if (mayGo) await bring(place, wanted, OPERATOR);
    const actual = workloadSeen(place, wanted);
    if (mayGo && actual && isAsWanted(place, wanted, actual) && isRolledOut(actual)) done.add(component.name);
    await tell(place, plane, { component, actual, release, mayGo, isDone: done.has(component.name) });
  }
  return { image, ...(done.size === components.length && { completed: release }) };
}

/** What the operator's pod that is ready was told; while two are, the one of the Deployment's present template. */
export function running({ seen }: Place, namespace: string) {
  const isReady = (pod: Thing): boolean =>
    pod.metadata.deletionTimestamp === undefined && conditionIn(pod, 'Ready')?.status === 'True';
  const pods = seen
    .in('pods', namespace)
    .filter((pod) => pod.metadata.labels[COMPONENT] === OPERATOR && isReady(pod));
  const said = ({ image, env, args }: Thing): string => JSON.stringify([image, env, args]);
  const template = seen.get('deployments', { namespace, name: OPERATOR })?.spec.template.spec.containers[0];
  const current = pods.find((pod) => template && said(pod.spec.containers[0]) === said(template));
  const pod =
    current ?? pods.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))[0];
  return pod && toldTo(pod.spec.containers[0]);
}

type Telling = {
  readonly component: Component;
  readonly actual: Thing | undefined;
  readonly release: Ref;
  readonly mayGo: boolean;
  readonly isDone: boolean;
};

/** ControlPlaneComponents are reliably there from 4.20 on. Their version does not move on an override. */
async function tell(place: Place, plane: Thing, { component, actual, release, mayGo, isDone }: Telling) {
  const version = versionOf(release) ?? '';
  if (Number(version.split('.')[1]) < 20) return;
  const at = { namespace: plane.metadata.namespace, name: component.name };
  const body = { apiVersion: HYPERSHIFT, kind: 'ControlPlaneComponent', metadata: at, spec: {} };
  const kind = 'controlplanecomponents';
  const there = place.seen.get(kind, at) ?? (await make(place, kind, body, OPERATOR));
  if (there === undefined) return;
  const verdicts: Verdicts = {
    Available: verdict((actual?.status?.readyReplicas ?? 0) > 0, 'NotAvailable'),
    RolloutComplete: isDone
      ? isTrue()
      : isFalse(mayGo ? 'WaitingForRolloutComplete' : 'WaitingForDependencies'),
  };
  const before = there.status?.conditions ?? [];
  const conditions = withVerdicts(before, verdicts);
  const said = isDone ? version : there.status?.version;
  if (conditions === before && said === there.status?.version) return;
  const status = { conditions, ...(said && { version: said }) };
  await say(place, kind, there, { by: OPERATOR, status });
}
