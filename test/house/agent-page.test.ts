// Goal: docs/agent.md tells an operator everything that can be set, with the defaults that hold, and every guard.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { GUARDS } from '../../src/core/hypershift/guards.ts';
import { ACCEPTABLE, LEVERS } from '../../src/core/hypershift/settings.ts';
import { agentConfigSchema } from '../../src/wire/agent-config.ts';
import { duration } from '../../src/wire/config.ts';
import { textsOf } from './house-files.ts';

const page = textsOf(/^docs\/agent\.md$/)[0]!.text;

/** The rows of a table: cells by the name in the first, each of which may name several. */
const rowsOf = (heading: string): Map<string, string[]> => {
  const part = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`))!;
  return new Map(
    [...part.matchAll(/^\| (`.+?`) \| (.*) \|$/gm)].flatMap(([, names, rest]) =>
      [...names!.matchAll(/`([^`]+)`/g)].map((name) => [name[1]!, rest!.split(' | ')] as const),
    ),
  );
};

/** Every setting by its path: `hub.url`, `components[].name`. What is in a workload is told in its own row. */
function pathsOf(schema: z.ZodType, path = ''): string[] {
  const inner = 'unwrap' in schema ? (schema.unwrap as () => z.ZodType)() : undefined;
  if (inner !== undefined && !('element' in schema)) return pathsOf(inner, path);
  if ('shape' in schema && path !== 'components[].workload')
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, one]) =>
      pathsOf(one, path === '' ? key : `${path}.${key}`),
    );
  if ('element' in schema && 'shape' in (schema.element as object))
    return [path, ...pathsOf(schema.element as z.ZodType, `${path}[]`)];
  return [path];
}

test('every setting of an agent has a row, and there are no others', () => {
  const paths = pathsOf(agentConfigSchema);
  expect(paths).toEqual(
    expect.arrayContaining(['hub.url', 'components', 'components[].lever', 'labels.customer']),
  );
  expect([...rowsOf('Configuration').keys()].sort()).toEqual(paths.sort());
});

test('the defaults are those that hold', () => {
  const least = agentConfigSchema.parse({
    hub: { url: 'https://hub.example' },
    managementCluster: 'mc',
    region: 'r',
    sector: 's',
    components: [{ name: 'c', lever: 'annotation', repository: 'registry.example/c' }],
  });
  const rows = rowsOf('Configuration');
  const written = (key: string) => rows.get(key)![0]!.replaceAll('`', '');
  expect(written('stateDir')).toBe(least.stateDir);
  expect(duration.parse(written('reportEvery'))).toBe(least.reportEvery);
  expect([least.accepted, least.sameImages, least.labels, least.hub?.ca, least.kubeconfig]).toEqual([
    ...[[], [], {}],
    ...[undefined, undefined],
  ]);
  for (const key of ['accepted', 'sameImages', 'labels.customer']) expect(written(key)).toBe('none');
});

test('every guard has a row, with when it holds and whether it may be accepted', () => {
  const rows = rowsOf('Guards');
  expect([...rows.keys()]).toEqual(GUARDS.map((guard) => guard.name));
  for (const { name, when, alsoBack } of GUARDS) {
    const said = [alsoBack && 'going back too', ACCEPTABLE.includes(name) && 'may be accepted'];
    expect([name, rows.get(name)![0]]).toEqual([name, [when, ...said.filter(Boolean)].join('; ')]);
  }
});

test('every lever has a row', () => {
  expect([...rowsOf('Levers').keys()].filter((name) => !name.includes('/'))).toEqual([...LEVERS]);
});

test('the example shows settings by their real names', () => {
  const block = /^```yaml agent\n([\s\S]*?)^```/m.exec(page)![1]!;
  expect(agentConfigSchema.safeParse(parse(block)).error?.issues ?? []).toEqual([]);
});
