import { SEVERITIES } from '../../core/life/policy.ts';
import type { Config, PolicyConfig } from '../../wire/config.ts';
import { type Fault, nearest, type Path, shown } from './fault.ts';

/** What each part alone cannot know: names given twice, and names that lead to nothing. */
export function crossFaults(config: Config): Fault[] {
  return [
    ...repeated('component', config.components, ['components']),
    ...repeated('policy', config.policies, ['policies']),
    ...config.components.flatMap(({ gates }, at) => repeated('gate', gates, ['components', at, 'gates'])),
    ...config.policies.flatMap((policy, at) => [
      ...laneFaults(policy, { path: ['policies', at], gates: gateNames(config) }),
      ...freezeFaults(policy, ['policies', at]),
    ]),
    ...simulationFaults(config),
  ];
}

const gateNames = (config: Config): string[] => [
  ...new Set(config.components.flatMap(({ gates }) => gates.map(({ name }) => name))),
];

function repeated(kind: string, named: readonly { readonly name: string }[], path: Path): Fault[] {
  return named.flatMap(({ name }, at): Fault[] => {
    const first = named.findIndex((other) => other.name === name);
    if (first === at) return [];
    const text = `a ${kind} is called ${shown(name)} already (entry ${first}); give each a name of its own`;
    return [{ path: [...path, at, 'name'], at: 'value', text }];
  });
}

function laneFaults(
  policy: PolicyConfig,
  of: { readonly path: Path; readonly gates: readonly string[] },
): Fault[] {
  return SEVERITIES.flatMap((severity) => {
    const lane = policy.severities[severity];
    const sides = { ...lane, after: lane.after.map(({ gate }) => gate) };
    const named = (['before', 'after', 'shadow'] as const).flatMap((side) =>
      sides[side].map((gate, at) => ({ gate, path: [...of.path, 'severities', severity, side, at] })),
    );
    return named.flatMap(({ gate, path }, index): Fault[] => {
      if (!of.gates.includes(gate)) return [{ path, at: 'value', text: unknown('gate', gate, of.gates) }];
      const isRepeated = named.slice(0, index).some((earlier) => earlier.gate === gate);
      const text = `gate ${shown(gate)} is named twice for ${severity}; keep it before or after delivery, or as a shadow`;
      return isRepeated ? [{ path, at: 'value', text }] : [];
    });
  });
}

function freezeFaults(policy: PolicyConfig, path: Path): Fault[] {
  return policy.freezes.flatMap((freeze, at): Fault[] => {
    if (Date.parse(freeze.from) < Date.parse(freeze.to)) return [];
    const text = `expected a time after from (${freeze.from}), got ${shown(freeze.to)}`;
    return [{ path: [...path, 'freezes', at, 'to'], at: 'value', text }];
  });
}

function simulationFaults({ simulation, components }: Config): Fault[] {
  const names = components.map(({ name }) => name);
  if (simulation === undefined || names.includes(simulation.component)) return [];
  const text = unknown('component', simulation.component, names);
  return [{ path: ['simulation', 'component'], at: 'value', text }];
}

function unknown(kind: 'gate' | 'component', name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const next = meant === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean ${meant}?`;
  const what = kind === 'gate' ? 'no component has a gate' : 'there is no component';
  return `${what} ${shown(name)}; ${next}`;
}
