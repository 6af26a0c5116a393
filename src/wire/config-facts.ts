import { epochMs, type Instant, instantOf } from '../core/base/instant.ts';
import type { ComponentFacts } from '../core/life/facts.ts';
import type { Freeze, Policy, Severity } from '../core/life/policy.ts';
import type { Pace } from '../core/pace/pace.ts';
import type { CheckKind, Gate } from '../core/proof/proof.ts';
import type { ComponentConfig, PolicyConfig } from './config.ts';

/** A policy as core knows it. Durations are milliseconds in both. */
export function policyOf(config: PolicyConfig): Policy {
  const { severities, pace, slo, stages, windows, convergeWithin, silentAfter, planValid, freezes, ...same } =
    config;
  const laneOf = ({ targets, before, after, shadow }: PolicyConfig['severities'][Severity]) => ({
    targets,
    lane: { before, after: after.map(({ within, ...late }) => ({ ...late, withinMs: within })), shadow },
  });
  return {
    ...same,
    severities: {
      critical: laneOf(severities.critical),
      high: laneOf(severities.high),
      moderate: laneOf(severities.moderate),
    },
    pace: paceOf(pace),
    ...(slo && { slo: { target: slo.target / 100, windowMs: slo.window } }),
    stages: stages.map(({ name, take, soak, approval }) => ({
      name,
      approval,
      soakMs: soak ?? 0,
      take: 'selector' in take ? { selector: onlySet(take.selector) } : take,
    })),
    windows: windows.map((w) => ({ days: w.days, fromMinute: w.from, toMinute: w.to })),
    convergeWithinMs: convergeWithin,
    silentAfterMs: silentAfter,
    planValidMs: planValid,
    freezes: freezes.map(freezeOf),
  };
}

/** A pace as core knows it: only what was given. */
export function paceOf(config: PolicyConfig['pace']): Partial<Pace> {
  const { minSoak, law, window, ...same } = config;
  return {
    ...same,
    ...(minSoak !== undefined && { minSoakMs: minSoak }),
    ...(law && { law: { medianMs: law.median, sigma: law.sigma } }),
    ...(window !== undefined && { windowMs: window }),
  };
}

/** The gates of a component in the order of its configuration. */
export function gatesOf(component: Pick<ComponentConfig, 'name' | 'gates'>): Gate[] {
  return component.gates.map((gate) => {
    const check = checkOf(gate);
    const attestBy = gate.attest ?? (check !== undefined && ASKS.has(check) ? 'approver' : undefined);
    return {
      name: gate.name,
      component: component.name,
      ...(check && { check }),
      ...(attestBy && { attestBy }),
      ...(gate.takes !== undefined && { takesMs: gate.takes }),
    };
  });
}

/** Checks that may raise a question; an approver answers it where the configuration names nobody else. */
const ASKS: ReadonlySet<CheckKind> = new Set(['scope', 'own-test']);

/** What the hub runs for a gate; a command that is given alone is one. */
export const checkOf = ({
  check,
  command,
}: Pick<ComponentConfig['gates'][number], 'check' | 'command'>): CheckKind | undefined =>
  check ?? (command === undefined ? undefined : 'command');

/** A component as core knows it. */
export function componentFactsOf(component: Pick<ComponentConfig, 'name' | 'gates' | 'per'>): ComponentFacts {
  const perManagementCluster = component.per === 'managementCluster';
  return {
    name: component.name,
    gates: gatesOf(component),
    ...(perManagementCluster && { perManagementCluster }),
  };
}

function freezeOf(freeze: PolicyConfig['freezes'][number]): Freeze {
  const { name, from, to, reason, selector } = freeze;
  return { name, reason, from: spelled(from), to: spelled(to), selector: onlySet(selector) };
}

/** Instants are compared as text, so there is one spelling of each: with milliseconds. */
const spelled = (at: string): Instant => instantOf(epochMs(at));

function onlySet(selector: PolicyConfig['freezes'][number]['selector']): Freeze['selector'] {
  return Object.fromEntries(Object.entries(selector).filter(([, value]) => value !== undefined));
}
