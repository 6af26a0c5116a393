import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../wire/config.ts';
import { ConfigProblem, loadConfig, parseConfig } from './load.ts';

// Goal: whoever wrote the file finds the fault without reading the schema. Each row changes one line of a
// valid file and says what is told then.

const TOP_KEYS = Object.keys(configSchema.shape).join(', ');

const VALID = `components:
  - name: operator
    repository: https://git.example.com/operator
    image: registry.example.com/operator
    builder:
      kind: command
      command: [make, image]
      output: out
      timeout: 20m
    gates:
      - name: unit
        command: [make, test]
        junit: reports/unit.xml
      - name: upgrade
        attest: qe
    owners: [team-a]
policies:
  - name: default
    severities:
      critical: &lane
        targets: { assembly: 10m, build: 45m, proof: 1h, approval: 30m, rollout: 3h, covered: 6h }
        before: [unit]
        after: [upgrade]
      high: *lane
      moderate: *lane
    approvers: { count: 1, role: approver }
    stages: [{ name: first, take: 5, soak: 30m }, { name: second, take: 10% }]
    pace: { harmBudget: 40 }
    windows: [{ days: [mon, tue], from: "08:00", to: "17:00" }]
    freezes:
      - { name: year-end, from: "2026-12-20T08:00:00Z", to: "2027-01-04T08:00:00Z", selector: { region: eu }, reason: calm }
simulation:
  component: operator
  releases:
    - { version: 4.19.1, commit: main }
`;

const changed = (from: string, to: string) => {
  expect(VALID).toContain(from);
  return VALID.replace(from, to);
};
const faults = (text: string): readonly string[] => {
  try {
    parseConfig(text, 'fleetfix.yaml');
    return [];
  } catch (problem) {
    if (problem instanceof ConfigProblem) return problem.faults;
    throw problem;
  }
};

it('a valid file is read with its defaults', () => {
  const config = parseConfig(VALID, 'fleetfix.yaml');
  expect(config.listen).toBe('127.0.0.1:8470');
  expect(config.components[0]?.builder.timeout).toBe(1_200_000);
  expect(config.policies[0]?.severities.moderate.before).toEqual(['unit']);
  expect(config.policies[0]?.stages.map((s) => [s.take, s.soak, s.approval])).toEqual([
    [{ count: 5 }, 1_800_000, false],
    [{ percent: 10 }, undefined, false],
  ]);
  expect(config.policies[0]?.pace).toEqual({ harmBudget: 40 });
  expect(config.policies[0]?.windows).toEqual([{ days: ['mon', 'tue'], from: 480, to: 1_020 }]);
});

it('keys lie beside the configuration, and are called as it calls them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'config-keys-'));
  try {
    const keys = '[{ file: keys/build.pub }, { file: /etc/old.pub, name: old }]';
    const image = `check: image\n        image: { keys: ${keys}, deployed: quay.io/team/operator }`;
    await writeFile(join(dir, 'fleetfix.yaml'), changed('attest: qe', image));
    const { components } = await loadConfig(join(dir, 'fleetfix.yaml'));
    expect(components[0]?.gates[1]?.image).toEqual({
      keys: [
        { file: join(dir, 'keys/build.pub'), name: 'keys/build.pub' },
        { file: '/etc/old.pub', name: 'old' },
      ],
      deployed: 'quay.io/team/operator',
    });
  } finally {
    await rm(dir, { recursive: true });
  }
});

it('tokens lie beside the configuration, and nobody is asked but who is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'config-tokens-'));
  try {
    const links = 'links: { hosts: [github.com], tokens: { api.github.com: tokens/github } }\n';
    await writeFile(join(dir, 'fleetfix.yaml'), `${links}${VALID}`);
    expect((await loadConfig(join(dir, 'fleetfix.yaml'))).links).toEqual({
      hosts: ['github.com'],
      inside: [],
      plainHttp: [],
      tokens: { 'api.github.com': join(dir, 'tokens/github') },
      github: { 'github.com': 'https://api.github.com' },
    });
  } finally {
    await rm(dir, { recursive: true });
  }
});

describe('a value that is not allowed is named with its place, what is allowed, and what stands there', () => {
  it.each<[string, string, string]>([
    [
      'take: 10%',
      'take: abc',
      '27:73 policies[0].stages[1].take: expected a whole number of control planes or 1% to 100%, got "abc"',
    ],
    ['take: 5', 'take: 0', '27:35 policies[0].stages[0].take: expected at least 1, got 0'],
    [
      'take: 5',
      'take: 1.5',
      '27:35 policies[0].stages[0].take: expected a whole number or text or a map, got 1.5',
    ],
    [
      'take: 5',
      'take: yes',
      '27:35 policies[0].stages[0].take: expected a whole number of control planes or 1% to 100%, got "yes"',
    ],
    [
      'take: 5',
      'take: true',
      '27:35 policies[0].stages[0].take: expected a number or text or a map, got true',
    ],
    ['stages: [{', 'stages: 5 #', '27:13 policies[0].stages: expected a list, got 5'],
    ['name: second', 'name: first', '27:13 policies[0].stages: expected every stage to have its own name'],
    [
      'name: second',
      'name: one-box',
      '27:13 policies[0].stages: expected no stage to be called burning, one-box, all, rest',
    ],
    [
      'soak: 30m',
      'soak: 30',
      '27:44 policies[0].stages[0].soak: expected a duration such as 30m, 2h30m or 7d, got 30',
    ],
    [
      'soak: 30m',
      'soak: 30 m',
      '27:44 policies[0].stages[0].soak: expected a duration such as 30m, 2h30m or 7d, got "30 m"',
    ],
    ['soak: 30m', 'soak: 0m', '27:44 policies[0].stages[0].soak: expected more than 0, got "0m"'],
    [
      'soak: 30m',
      'soak:',
      '27:44 policies[0].stages[0].soak: expected a duration such as 30m, 2h30m or 7d, got nothing',
    ],
    ['harmBudget: 40', 'harmBudget: 0', '28:25 policies[0].pace.harmBudget: expected at least 1, got 0'],
    [
      'harmBudget: 40',
      'harmBudget: all',
      '28:25 policies[0].pace.harmBudget: expected one of routine, standard, urgent, emergency, got "all"',
    ],
    [
      'harmBudget: 40',
      'harmBudget: urgnet',
      '28:25 policies[0].pace.harmBudget: expected one of routine, standard, urgent, emergency, got "urgnet"; did you mean urgent?',
    ],
    [
      'harmBudget: 40',
      'inFlightPerManagementCluster: -1',
      '28:43 policies[0].pace.inFlightPerManagementCluster: expected at least 1, got -1',
    ],
    ['harmBudget: 40', 'oneBox: 0', '28:21 policies[0].pace.oneBox: expected at least 1, got 0'],
    [
      'harmBudget: 40',
      'maxPerHour: .inf',
      '28:25 policies[0].pace.maxPerHour: expected a number, got Infinity',
    ],
    [
      'from: "08:00"',
      'from: "8"',
      '29:41 policies[0].windows[0].from: expected a time of day in UTC such as 08:30, got "8"',
    ],
    [
      'from: "08:00"',
      'from: "18:00"',
      '29:15 policies[0].windows[0]: expected an end later than the beginning, on the same day',
    ],
    [
      'role: approver',
      'role: aprover',
      '26:34 policies[0].approvers.role: expected one of viewer, requester, engineer, qe, approver, operator, on-call, admin, got "aprover"; did you mean approver?',
    ],
    ['count: 1,', 'count: 11,', '26:25 policies[0].approvers.count: expected at most 10, got 11'],
    [
      'name: operator\n',
      'name: Operator\n',
      '2:11 components[0].name: expected lower-case letters, digits, dots and dashes, at most 63, got "Operator"',
    ],
    [
      'output: out',
      'output: ../out',
      '8:15 components[0].builder.output: expected a path inside the repository, got "../out"',
    ],
    ['kind: command', 'kind: tekton', '6:13 components[0].builder.kind: expected command, got "tekton"'],
    [
      'command: [make, image]',
      'command: make image',
      '7:16 components[0].builder.command: expected a list, got "make image"',
    ],
    [
      'command: [make, image]',
      'command: [make, [image]]',
      '7:23 components[0].builder.command[1]: expected text, got a list',
    ],
    [
      'attest: qe',
      'attest: qe\n        command: [x]',
      '14:9 components[0].gates[1]: expected either command or attest',
    ],
    [
      'attest: qe',
      'check: image',
      '14:9 components[0].gates[1]: expected image: whose signatures check image trusts, and what else it asks (docs/images.md)',
    ],
    [
      'attest: qe',
      'attest: qe\n        image: { keys: [{ file: build.pub }] }',
      '14:9 components[0].gates[1]: expected no image: only check image asks it',
    ],
    [
      'attest: qe',
      'check: image\n        image: { builders: [x] }',
      '16:16 components[0].gates[1].image: expected keys, or trustedRoot and identities: nobody is trusted',
    ],
    [
      'attest: qe',
      'check: image\n        image: { keys: [{ file: build.pub }], architectures: [ARM] }',
      '16:16 components[0].gates[1].image: ARM is no platform: expected os/architecture, such as linux/amd64',
    ],
    [
      'attest: qe',
      'check: image\n        image: { keys: [{ file: build.pub }], deployed: quay.io/a@sha256:0 }',
      '16:57 components[0].gates[1].image.deployed: expected a repository of a registry without tag and digest, such as quay.io/team/image, got "quay.io/a@sha256:0"',
    ],
    [
      'attest: qe',
      'check: image\n        image: { keys: [{ file: build.pub }], signatures: optional }',
      '16:47 components[0].gates[1].image.signatures: unknown key; did you mean signature?',
    ],
    [
      'owners: [team-a]',
      'owners: [team-a, ""]',
      '16:22 components[0].owners[1]: expected at least 1 character, got ""',
    ],
    [
      'from: "2026-12-20T08:00:00Z"',
      'from: 2026-12-20',
      '31:33 policies[0].freezes[0].from: expected a time such as 2026-12-20T08:00:00Z, got "2026-12-20"',
    ],
    ['version: 4.19.1', 'version: 4.19', '35:18 simulation.releases[0].version: expected text, got 4.19'],
    ['components:\n', 'listen: nowhere\ncomponents:\n', '1:9 listen: expected HOST:PORT, got "nowhere"'],
  ])('%s → %s', (from, to, told) => {
    expect(faults(changed(from, to))).toEqual([`fleetfix.yaml:${told}`]);
  });

  it('also where an alias leads to it', () => {
    const told = faults(changed('build: 45m', 'build: soon'));
    const at = (severity: string) =>
      `fleetfix.yaml:21:42 policies[0].severities.${severity}.targets.build: expected a duration such as 30m, 2h30m or 7d, got "soon"`;
    expect(told).toEqual([at('critical'), at('high'), at('moderate')]);
  });

  it('and a long one is shortened', () => {
    const [told] = faults(changed('kind: command', `kind: ${'x'.repeat(5_000)}`));
    expect(told).toBe(
      `fleetfix.yaml:6:13 components[0].builder.kind: expected command, got "${'x'.repeat(58)}…`,
    );
  });
});

describe('a key that is missing or unknown is named', () => {
  it.each<[string, string, string]>([
    ['    image: registry.example.com/operator\n', '', '2:5 components[0].image: missing: expected text'],
    ['    owners: [team-a]\n', '', '2:5 components[0].owners: missing: expected a list'],
    [', take: 10%', '', '27:51 policies[0].stages[1].take: missing: expected a number or text or a map'],
    [
      'harmBudget: 40',
      'law: { median: 30m }',
      '28:18 policies[0].pace.law.sigma: missing: expected a number',
    ],
    ['      kind: command\n', '', '6:7 components[0].builder.kind: missing: expected command'],
    [
      '    owners:',
      '    owner: [x]\n    owners:',
      '16:5 components[0].owner: unknown key; did you mean owners?',
    ],
    [
      '      output: out',
      '      ouptut: x\n      output: out',
      '8:7 components[0].builder.ouptut: unknown key; did you mean output?',
    ],
    ['simulation:', 'Simulaton: x\nsimulation:', '32:1 Simulaton: unknown key; did you mean simulation?'],
    [
      'stages: [{',
      'stages: [{ colour: red,',
      '27:16 policies[0].stages[0].colour: unknown key; allowed: name, take, soak, approval',
    ],
    [
      'take: 5',
      'take: { selector: { colour: red } }',
      '27:49 policies[0].stages[0].take.selector.colour: unknown key; allowed: name, managementCluster, region, sector, customer, platform, version, availability',
    ],
    [
      'harmBudget: 40',
      'harmBuget: 40',
      '28:13 policies[0].pace.harmBuget: unknown key; did you mean harmBudget?',
    ],
    [
      '      moderate: *lane\n',
      '      moderate: *lane\n      <<: *lane\n',
      '26:7 policies[0].severities["<<"]: unknown key; allowed: critical, high, moderate',
    ],
    ['simulation:', '__proto__: { x: 1 }\nsimulation:', `32:1 __proto__: unknown key; allowed: ${TOP_KEYS}`],
    ['simulation:', '? [a, b]\n: 1\nsimulation:', `1:1 ["[ a, b ]"]: unknown key; allowed: ${TOP_KEYS}`],
  ])('%s → %s', (from, to, told) => {
    expect(faults(changed(from, to))).toContain(`fleetfix.yaml:${told}`);
  });
});

describe('a policy of the time before evidence is told what to write instead', () => {
  const at = (key: string, value: string) => changed('    stages: [', `    ${key}: ${value}\n    stages: [`);
  it.each<[string, string, string]>([
    ['waves', '{ sizes: [5, 10%], soak: 30m }', '`stages: [{ name: first, take: 5, soak: 30m }]`'],
    ['failedPerWaveMax', '1', '`pace: { harmBudget: 25 }`'],
    ['failedPerManagementClusterMax', '2', '`pace: { harmBudget: 25 }`'],
    ['inFlightPerManagementCluster', '4', '`pace: { inFlightPerManagementCluster: 4 }`'],
  ])('%s', (key, value, instead) => {
    const [told, ...more] = faults(at(key, value));
    expect(told).toMatch(new RegExp(`^fleetfix\\.yaml:27:5 policies\\[0\\]\\.${key}: `));
    expect(told).toContain(instead);
    expect(more).toEqual([]);
    const written = instead.replaceAll('`', '');
    const rest = VALID.split('\n').filter((line) => !line.startsWith(`    ${written.split(':')[0]}:`));
    const text = rest.join('\n').replace('    approvers:', `    ${written}\n    approvers:`);
    expect(faults(text), 'what it says can be written').toEqual([]);
  });

  it('but only in a policy', () => {
    expect(faults(changed('simulation:', 'waves: 1\nsimulation:'))).toEqual([
      `fleetfix.yaml:32:1 waves: unknown key; allowed: ${TOP_KEYS}`,
    ]);
  });
});

describe('a name that leads to nothing or to two things is named', () => {
  const gate = '      - name: upgrade\n        attest: qe\n';
  it.each<[string, string, string]>([
    [
      'before: [unit]',
      'before: [unti]',
      '22:18 policies[0].severities.critical.before[0]: no component has a gate "unti"; did you mean unit?',
    ],
    [
      'after: [upgrade]',
      'after: [load]',
      '23:17 policies[0].severities.critical.after[0]: no component has a gate "load"; there are: unit, upgrade',
    ],
    [
      'after: [upgrade]',
      'after: [unit]',
      '23:17 policies[0].severities.critical.after[0]: gate "unit" is named twice for critical; keep it before or after delivery, or as a shadow',
    ],
    [
      'component: operator',
      'component: operators',
      '33:14 simulation.component: there is no component "operators"; did you mean operator?',
    ],
    [
      gate,
      gate + gate,
      '16:15 components[0].gates[2].name: a gate is called "upgrade" already (entry 1); give each a name of its own',
    ],
    [
      'to: "2027',
      'to: "2025',
      '31:61 policies[0].freezes[0].to: expected a time after from (2026-12-20T08:00:00Z), got "2025-01-04T08:00:00Z"',
    ],
  ])('%s → %s', (from, to, told) => {
    expect(faults(changed(from, to))).toContain(`fleetfix.yaml:${told}`);
  });

  it('two components or policies of one name', () => {
    const [components, rest] = [
      VALID.slice(12, VALID.indexOf('policies:')),
      VALID.slice(VALID.indexOf('policies:')),
    ];
    const policies = rest.slice(rest.indexOf('  - name'), rest.indexOf('simulation:'));
    const text = `components:\n${components}${components}policies:\n${policies}${policies}`;
    expect(faults(text)).toEqual([
      'fleetfix.yaml:17:11 components[1].name: a component is called "operator" already (entry 0); give each a name of its own',
      'fleetfix.yaml:47:11 policies[1].name: a policy is called "default" already (entry 0); give each a name of its own',
    ]);
  });
});

describe('a text that is not YAML is told with line and column', () => {
  it.each<[string, string, RegExp]>([
    [
      'bad indentation',
      'a:\n  b: 1\n c: 2\n',
      /^fleetfix\.yaml:3:1 All mapping items must start at the same column/,
    ],
    ['a tab', 'a:\n\tb: 1\n', /^fleetfix\.yaml:2:1 Tabs are not allowed/],
    ['an open list', 'components: [1, 2\n', /^fleetfix\.yaml:2:1 /],
    ['a key given twice', 'listen: a:1\nlisten: b:2\n', /^fleetfix\.yaml:2:1 Map keys must be unique/],
    ['two documents', 'a: 1\n---\nb: 2\n', /^fleetfix\.yaml:\d+:\d+ .*multiple documents/],
    ['a tag of a program', 'a: !!js/function "x"\n', /^fleetfix\.yaml:1:4 Unresolved tag/],
    ['an unknown alias', 'a: *b\n', /^fleetfix\.yaml:1:\d Unresolved alias/],
    [
      'nesting without end',
      '['.repeat(100_000),
      /^fleetfix\.yaml:1:1 nested too deeply|^fleetfix\.yaml:\d+:\d+ /,
    ],
    [
      'aliases that unfold to millions',
      `${['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`)].join('\n')}\n`,
      /^fleetfix\.yaml:1:1 Excessive alias count/,
    ],
    [
      'an empty file',
      '# nothing yet\n',
      /^fleetfix\.yaml: the file is empty; it needs components and policies/,
    ],
    ['a list', '- a\n', /^fleetfix\.yaml:1:1 expected a map, got a list$/],
    ['plain text', 'hello\n', /^fleetfix\.yaml:1:1 expected a map, got "hello"$/],
  ])('%s', (_what, text, told) => {
    expect(faults(text)[0]).toMatch(told);
  });
});

it('all faults are told, in the order of the file', () => {
  const text = changed('count: 1', 'count: 0').replace('output: out', 'output: /out').replace('eu }', '1 }');
  expect(faults(text).map((line) => line.split(' ')[0])).toEqual([
    'fleetfix.yaml:8:15',
    'fleetfix.yaml:26:25',
    'fleetfix.yaml:31:105',
  ]);
});

it('of very many faults the first twenty are shown', () => {
  const text = changed('owners: [team-a]', `owners: [${Array(30).fill('""').join(', ')}]`);
  expect(() => parseConfig(text, 'f')).toThrow(/and 10 more$/);
});

describe('a file', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'config-test-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('is read, by a link too', async () => {
    await writeFile(join(dir, 'a.yaml'), VALID);
    await symlink('a.yaml', join(dir, 'b.yaml'));
    expect(await loadConfig(join(dir, 'b.yaml'))).toEqual(parseConfig(VALID, 'x'));
  });

  it.each<[string, () => Promise<string>, string]>([
    [
      'that does not exist',
      async () => join(dir, 'none.yaml'),
      'there is no such file; name another with --config',
    ],
    ['that is a folder', async () => dir, 'this is a folder; name the file in it'],
    [
      'of more than 1 MiB',
      async () => {
        await writeFile(join(dir, 'large'), `${VALID}#${'x'.repeat(1024 * 1024)}`);
        return join(dir, 'large');
      },
      'the file is larger than 1048576 bytes, the most that is read',
    ],
    ['without an end', async () => '/dev/zero', 'the file is larger than 1048576 bytes'],
    [
      'that is not UTF-8',
      async () => {
        await writeFile(join(dir, 'latin'), Buffer.from('a: \xff', 'latin1'));
        return join(dir, 'latin');
      },
      'the file is not text in UTF-8',
    ],
  ])('%s is refused', async (_what, make, message) => {
    const file = await make();
    await expect(loadConfig(file)).rejects.toThrow(`${file}: ${message}`);
    await expect(loadConfig(file)).rejects.toBeInstanceOf(ConfigProblem);
  });
});
