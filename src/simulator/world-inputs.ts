import { exhaustive } from '../core/base/result.ts';
import { chance, stream } from './random.ts';
import {
  crash,
  create,
  destroy,
  hold,
  lose,
  pullAgain,
  sicken,
  silence,
  startRollout,
  suffer,
} from './world-behaviour.ts';
import { receiveOrders } from './world-orders.ts';
import type { Input, Upgrade } from './world-spec.ts';
import { addRelease, later, type Plane, type State } from './world-state.ts';

/** Why an input is not possible in this world as it is; undefined when it is. */
export function whyImpossible(state: State, input: Input): string | undefined {
  switch (input.kind) {
    case 'orders': {
      const stranger = input.again.find(
        ({ key }) => !state.deliveries.has(key) && !input.orders.some((order) => order.key === key),
      );
      return stranger === undefined ? undefined : `${stranger.key} cannot come again: it never came`;
    }
    case 'silence':
    case 'crash':
      return state.clusters.has(input.managementCluster)
        ? undefined
        : `no management cluster is called ${input.managementCluster}`;
    case 'lose':
    case 'sicken':
    case 'hold':
    case 'destroy':
      return state.planes.has(input.uid) ? undefined : `no control plane has uid ${input.uid}`;
    case 'image': {
      const { digest, component, commit } = input.image;
      const held = state.images.get(digest);
      return held === undefined || (held.component === component && held.commit === commit)
        ? undefined
        : `${digest} is registered as ${held.component} of ${held.commit ?? 'no known commit'} already`;
    }
    default:
      return undefined;
  }
}

/** Lets an input take effect now. It must be possible. */
export function applyInput(state: State, input: Input): void {
  switch (input.kind) {
    case 'orders':
      for (const plane of receiveOrders(state, input)) startRollout(state, plane);
      break;
    case 'image':
      state.images.set(input.image.digest, input.image);
      pullAgain(state, input.image.digest);
      break;
    case 'fault':
      state.faults.push(input.fault);
      for (const plane of state.planes.values()) suffer(state, plane, input.fault);
      break;
    case 'upgrade':
      spreadUpgrade(state, input.upgrade);
      break;
    case 'silence':
      silence(state, state.clusters.get(input.managementCluster)!, input.forMs);
      break;
    case 'crash':
      crash(state.clusters.get(input.managementCluster)!);
      break;
    case 'create':
      create(state);
      break;
    default:
      applyToPlane(state, state.planes.get(input.uid)!, input);
  }
}

function applyToPlane(state: State, plane: Plane, input: Extract<Input, { readonly uid: string }>): void {
  switch (input.kind) {
    case 'lose':
      lose(state, plane, input.forMs);
      break;
    case 'sicken':
      sicken(state, plane, input.because, input.forMs);
      break;
    case 'hold':
      hold(state, plane, input.forMs);
      break;
    case 'destroy':
      destroy(state, plane, input);
      break;
    default:
      exhaustive(input);
  }
}

function spreadUpgrade(state: State, { from, to, share, overMs }: Upgrade): void {
  state.upgrades += 1;
  addRelease(state, to.commit);
  if (!state.releases.some((release) => release.version === to.version))
    state.releases.push({ ...to, share: 0 });
  for (const plane of state.planes.values()) {
    const luck = stream(state.founding.fleet.seed, 'upgrade', state.upgrades, plane.uid);
    const isChosen =
      chance(luck, share) && (from === undefined ? plane.version !== to.version : plane.version === from);
    const afterMs = Math.max(1, Math.round(luck() * overMs));
    if (isChosen) later(state, afterMs, { kind: 'start upgrade', uid: plane.uid, to });
  }
}
