import { type Instant, MINUTE, msBetween } from '../base/instant.ts';
import type { Fix } from '../life/fix.ts';
import { soaking } from '../rollout/next.ts';
import type { ObservedTarget, TargetState } from '../rollout/observed.ts';
import type { WaveView } from './fix-view.ts';
import type { Looked } from './looked.ts';

/** One row a wave, with counts that add up to its targets. */
export function wavesOf(fix: Fix, looked: Looked, now: Instant): WaveView[] {
  const waveOf = new Map(looked.plan.targets.map((t) => [t.uid, t.wave]));
  const groups = new Map<number, ObservedTarget[]>();
  for (const t of looked.observed.targets) {
    const wave = waveOf.get(t.uid)!;
    const group = groups.get(wave);
    if (group) group.push(t);
    else groups.set(wave, [t]);
  }
  return looked.plan.waves.map((limits, i) => {
    const wave = i + 1;
    const mine = groups.get(wave) ?? [];
    const count = (...states: TargetState[]) => mine.filter((t) => states.includes(t.state)).length;
    const { state, since } = waveState(fix, looked, wave, now);
    return {
      wave,
      targets: limits.size,
      done: count('patched'),
      failed: mine.filter((t) => t.broke || t.state === 'failed').length,
      unknown: count('silent'),
      inFlight: count('starting', 'rolling back'),
      rolledBack: count('rolled back'),
      state,
      ...(since !== undefined && { since }),
    };
  });
}

function waveState(fix: Fix, looked: Looked, wave: number, now: Instant): { state: string; since?: Instant } {
  const rollout = fix.rollout!;
  const started = rollout.waveStarted.find((w) => w.wave === wave);
  if (rollout.halted && started) {
    const back = rollout.endedAt !== undefined;
    return { state: back ? 'rolled back' : 'halted', since: rollout.endedAt ?? rollout.halted.at };
  }
  const passed = rollout.passed.find((p) => p.wave === wave);
  if (passed) return { state: 'passed', since: passed.at };
  if (started === undefined) return { state: 'waiting' };
  if (rollout.paused) return { state: 'paused', since: rollout.paused.at };
  const soak = wave === looked.open ? soaking(looked.plan, looked.observed, wave) : undefined;
  if (!soak) return { state: 'rolling', since: started.at };
  const past = Math.max(0, Math.min(soak.soakMs, msBetween(soak.beganAt, now)));
  return {
    state: `soaking ${Math.floor(past / MINUTE)}/${Math.floor(soak.soakMs / MINUTE)}m`,
    since: soak.beganAt,
  };
}
