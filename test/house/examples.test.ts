// Goal: what the documents show as configuration is configuration. A block of YAML in a document says after
// ```yaml what it is; whole files in examples/ are read as the hub reads them.
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/adapters/config/load.ts';
import { PROFILES, USUAL } from '../../src/core/pace/pace.ts';
import { agentConfigSchema } from '../../src/wire/agent-config.ts';
import {
  componentSchema,
  configSchema,
  duration,
  paceSchema,
  policySchema,
  simulationSchema,
} from '../../src/wire/config.ts';
import { imagePolicySchema } from '../../src/wire/image-policy.ts';
import { rosterSchema } from '../../src/wire/roster.ts';
import { suiteMapSchema } from '../../src/wire/suite-map.ts';
import { houseFiles, ROOT, textsOf } from './house-files.ts';

const KINDS: Readonly<Record<string, z.ZodType>> = {
  config: configSchema,
  component: componentSchema,
  policy: policySchema,
  // Some keys of a policy, without those that every one has.
  'policy-part': policySchema.partial(),
  // Some keys of a whole configuration.
  'config-part': configSchema.partial(),
  simulation: simulationSchema,
  agent: agentConfigSchema,
  'image-policy': imagePolicySchema,
  'suite-map': suiteMapSchema,
  roster: z.strictObject({ roster: rosterSchema }),
};

type Block = { readonly place: string; readonly kind: string; readonly text: string };

const blocks: Block[] = textsOf(/\.md$/).flatMap(({ file, text }) =>
  [...text.matchAll(/^```ya?ml[ \t]*(.*)\n([\s\S]*?)^```/gm)].map((found) => ({
    place: `${file}:${text.slice(0, found.index).split('\n').length}`,
    kind: found[1]!.trim(),
    text: found[2]!,
  })),
);

test('docs/config.md shows a component, a policy and a simulation', () => {
  const kinds = blocks.filter(({ place }) => place.startsWith('docs/config.md:')).map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['component', 'policy', 'simulation']));
});

test.each(blocks)('$place is a valid $kind', ({ kind, text }) => {
  expect(Object.keys(KINDS), 'say after ```yaml what the block is').toContain(kind);
  expect(KINDS[kind]!.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
});

const examples = houseFiles().filter((file) => /^examples\/.*\.ya?ml$/.test(file));

test('there is an example to start from', () => expect(examples).toContain('examples/fleetfix.yaml'));

test.each(examples)('%s is a configuration the hub accepts', async (file) => {
  const config = await loadConfig(path.join(ROOT, file));
  expect(config.components.length).toBeGreaterThan(0);
});

const page = textsOf(/^docs\/config\.md$/)[0]!.text;

test('docs/config.md names every setting there is', () => {
  const keys = [configSchema, componentSchema, policySchema, simulationSchema].flatMap((schema) =>
    Object.keys(schema.shape),
  );
  const missing = keys.filter(
    (key) => !page.includes(`\`${key}`) && !new RegExp(`^${key}: `, 'm').test(page),
  );
  expect(missing).toEqual([]);
});

/** A setting of the page that has a default: the key, and the default as it is written there. */
const defaults = [...page.matchAll(/^\| `(\w+)` \| `([^`|]+)` \|/gm)].map(
  (row) => [row[1]!, row[2]!] as const,
);

test('docs/config.md gives the defaults that hold', () => {
  const without = (block: Block) => {
    const value: Record<string, unknown> = parse(block.text);
    for (const [key] of defaults) delete value[key];
    return KINDS[block.kind]!.parse(value) as Record<string, unknown>;
  };
  const whole = blocks.filter(({ place }) => place.startsWith('docs/config.md:')).map(without);
  const real: Record<string, unknown> = Object.assign(
    { listen: configSchema.shape.listen.parse(undefined) },
    ...whole,
  );
  expect(defaults.length).toBeGreaterThan(10);
  for (const [key, written] of defaults) {
    const isDuration = /^\d+[smhd]$/.test(written);
    const value: unknown = isDuration ? duration.parse(written) : parse(written);
    expect({ [key]: real[key] }).toEqual({ [key]: value });
  }
});

test('docs/config.md gives the pace that holds without one', () => {
  const rows = new Map(
    [...page.matchAll(/^\| `pace\.(\w+)` \| ([^|]+) \|/gm)].map((row) => [row[1]!, row[2]!] as const),
  );
  const law = `${USUAL.law.medianMs / 60_000}m, ${USUAL.law.sigma}`;
  const { oneBox, inFlightPerManagementCluster, margin, alpha } = USUAL;
  const written = { oneBox, inFlightPerManagementCluster, margin, alpha, law };
  for (const [key, value] of Object.entries(written))
    expect([key, rows.get(key)]).toEqual([key, String(value)]);
  expect(duration.parse(rows.get('window'))).toBe(USUAL.windowMs);
  expect([USUAL.minSoakMs, rows.get('minSoak')]).toEqual([0, 'none']);
  for (const [profile, budget] of Object.entries(PROFILES))
    expect(page).toContain(`\`${profile}\` (${budget})`);
  expect([...rows.keys()].sort()).toEqual(Object.keys(paceSchema.shape).sort());
});
