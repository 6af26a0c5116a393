import { expect, it } from 'vitest';
import { componentSchema, gateSchema, policySchema } from './config.ts';
import { componentFactsOf, policyOf } from './config-facts.ts';

const targets = {
  assembly: '10m',
  build: '45m',
  proof: '1h',
  approval: '30m',
  rollout: '3h',
  covered: '6h',
};
const written = {
  name: 'eu',
  severities: {
    critical: {
      targets,
      before: ['unit'],
      after: ['upgrade', { gate: 'load', within: '3d', owner: 'qe' }],
      shadow: ['all'],
    },
    high: { targets },
    moderate: { targets },
  },
  approvers: { count: 2, role: 'approver' },
  pace: {
    harmBudget: 'urgent',
    minSoak: '10m',
    window: '45m',
    law: { median: '20m', sigma: 0.5 },
    maxPerHour: 500,
  },
  stages: [
    { name: 'first', take: 5, soak: '30m', approval: true },
    { name: 'tenth', take: '10%' },
    { name: 'beta', take: { selector: { customer: ['beta', 'acme'] } } },
  ],
  windows: [{ days: ['mon', 'tue'], from: '08:00', to: '24:00' }],
  freezes: [
    {
      name: 'year-end',
      from: '2026-12-20T08:00:00Z',
      to: '2027-01-04T08:00:00.5Z',
      selector: { region: ['eu-1', 'eu-2'], customer: 'acme' },
      reason: 'no changes',
    },
  ],
};

it('a policy in a file is the policy core decides by', () => {
  expect(policyOf(policySchema.parse(written))).toEqual({
    name: 'eu',
    severities: {
      critical: {
        targets: {
          assembly: 600_000,
          build: 2_700_000,
          proof: 3_600_000,
          approval: 1_800_000,
          rollout: 10_800_000,
          covered: 21_600_000,
        },
        lane: {
          before: ['unit'],
          after: [
            { gate: 'upgrade', withinMs: 604_800_000 },
            { gate: 'load', withinMs: 259_200_000, owner: 'qe' },
          ],
          shadow: ['all'],
        },
      },
      high: expect.objectContaining({ lane: { before: [], after: [], shadow: [] } }),
      moderate: expect.objectContaining({ lane: { before: [], after: [], shadow: [] } }),
    },
    approvers: { count: 2, role: 'approver' },
    pace: {
      harmBudget: 100,
      minSoakMs: 600_000,
      windowMs: 2_700_000,
      law: { medianMs: 1_200_000, sigma: 0.5 },
      maxPerHour: 500,
    },
    stages: [
      { name: 'first', take: { count: 5 }, soakMs: 1_800_000, approval: true },
      { name: 'tenth', take: { percent: 10 }, soakMs: 0, approval: false },
      {
        name: 'beta',
        take: { selector: { customer: ['beta', 'acme'] } },
        soakMs: 0,
        approval: false,
      },
    ],
    windows: [{ days: ['mon', 'tue'], fromMinute: 480, toMinute: 1_440 }],
    unknownMax: 0,
    convergeWithinMs: 1_200_000,
    silentAfterMs: 600_000,
    planValidMs: 3_600_000,
    freezes: [
      {
        name: 'year-end',
        from: '2026-12-20T08:00:00.000Z',
        to: '2027-01-04T08:00:00.500Z',
        selector: { region: ['eu-1', 'eu-2'], customer: 'acme' },
        reason: 'no changes',
      },
    ],
  });
});

it('a policy that says nothing of pace narrows and widens nothing', () => {
  const { pace: _, stages: __, windows: ___, ...bare } = written;
  expect(policyOf(policySchema.parse(bare))).toMatchObject({ pace: {}, stages: [], windows: [] });
});

it('a gate of a component is run by the hub, or attested by a role', () => {
  const component = componentSchema.parse({
    name: 'operator',
    repository: 'https://git.example.com/operator',
    image: 'registry.example.com/operator',
    builder: { kind: 'command', command: ['make'], output: 'out' },
    gates: [
      { name: 'unit', command: ['make', 'test'] },
      { name: 'upgrade', attest: 'qe', takes: '9h' },
      { name: 'scope', check: 'scope' },
      { name: 'own', check: 'own-test', command: ['make', 'test'], attest: 'qe' },
    ],
    owners: ['team'],
  });
  expect(componentFactsOf(component)).toEqual({
    name: 'operator',
    gates: [
      { name: 'unit', component: 'operator', check: 'command' },
      { name: 'upgrade', component: 'operator', attestBy: 'qe', takesMs: 32_400_000 },
      // Somebody must be able to answer what it asks.
      { name: 'scope', component: 'operator', check: 'scope', attestBy: 'approver' },
      { name: 'own', component: 'operator', check: 'own-test', attestBy: 'qe' },
    ],
  });
});

it.each([
  [{}, 'expected a check, a command or attest'],
  [{ command: ['make'], attest: 'qe' }, 'expected either command or attest'],
  [{ check: 'own-test' }, 'expected a command: check own-test runs it'],
  [{ check: 'scope', command: ['make'] }, 'expected no command and no junit: check scope runs none'],
  [
    { tests: 'selected', attest: 'qe' },
    'expected no tests: only a command that is a gate by itself is given them',
  ],
  [{ command: ['make'], minutes: 20 }, 'expected no minutes: they limit what is chosen with tests: selected'],
  [{ check: 'scope', junit: 'a.xml' }, 'expected no command and no junit: check scope runs none'],
  [
    { check: 'command', command: ['make'], attest: 'qe' },
    'expected no attest: check command leaves nothing unclear',
  ],
])('a gate of %j is refused', (gate, message) => {
  expect(gateSchema.safeParse({ name: 'g', ...gate }).error?.issues).toMatchObject([{ message }]);
});
