// Goal: the direction of imports and the purity of core, which a review misses. Method: every module is
// parsed, and the same judgement is run on small samples that break one rule each, so that a rule which
// no longer bites fails too.
import { expect, test } from 'vitest';
import { textsOf } from './house-files.ts';
import { importViolations, purityViolations, STAGES_OF_CORE, type Violation } from './import-rule.ts';
import { readModule } from './read-module.ts';

const modules = textsOf(/^(src|console)\/.*\.tsx?$/)
  .filter(({ file }) => !file.endsWith('.d.ts'))
  .map(({ file, text }) => readModule(file, text));

const told = (violations: readonly Violation[]) =>
  violations.map(({ rule, place, wayOut }) => `${rule}\n  ${place}\n  ${wayOut}`).join('\n\n');

test('the rule is run over the whole of src and not over nothing', () => {
  const rooms = new Set(modules.map(({ file }) => file.split('/').slice(0, 2).join('/')));
  expect([...rooms]).toEqual(expect.arrayContaining(['src/core', 'src/wire', 'src/ports', 'src/hub']));
  expect(modules.length).toBeGreaterThan(35);
  expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
});

test('imports point one way: core, wire, ports, adapters, and only main.ts of a process names adapters', () => {
  expect(told(importViolations(modules))).toBe('');
});

test('core is pure', () => {
  expect(told(purityViolations(modules))).toBe('');
});

/** Each row: a file, what it says, and the beginning of the rule that must object. */
const broken: [string, string, string][] = [
  ['src/core/base/a.ts', `import type { B } from '../life/b.ts';`, 'inside core an import points up'],
  ['src/core/rollout/a.ts', `import { b } from '../coverage/b.ts';`, 'inside core an import points up'],
  ['src/core/rollout/a.ts', `export type { B } from '../life/b.ts';`, 'inside core an import points up'],
  ['src/core/rollout/a.ts', `type B = import('../life/b.ts').B;`, 'inside core an import points up'],
  ['src/core/life/a.ts', `import { z } from 'zod';`, 'core imports no package'],
  ['src/core/life/a.ts', `import { createHash } from 'node:crypto';`, 'core imports no package'],
  ['src/core/tools/a.ts', `import { b } from '../base/b.ts';`, 'core has the stages'],
  ['src/core/life/a.ts', `import { b } from '../../wire/b.ts';`, 'core imports itself'],
  ['src/wire/a.ts', `import { b } from '../ports/b.ts';`, 'wire imports'],
  ['src/ports/a.ts', `import { b } from '../adapters/git/index.ts';`, 'ports imports'],
  ['src/adapters/git/a.ts', `import { b } from '../postgres/b.ts';`, 'an adapter imports no other adapter'],
  ['src/adapters/git/a.ts', `import { b } from '../../hub/b.ts';`, 'adapters imports'],
  ['src/hub/loops/a.ts', `import { b } from '../../adapters/git/index.ts';`, 'hub imports'],
  ['src/hub/loops/a.ts', `await import('../../adapters/git/index.ts');`, 'hub imports'],
  ['src/agent/a.ts', `import { b } from '../hub/b.ts';`, 'agent imports'],
  ['src/cli/commands/a.ts', `import { decide } from '../../core/life/b.ts';`, 'cli imports'],
  ['src/cli/commands/a.ts', `import { type A, decide } from '../../core/life/b.ts';`, 'cli imports'],
  ['src/cli/commands/a.ts', `import { b } from '../../hub/desk.ts';`, 'cli imports'],
  ['src/cli/commands/a.ts', `import { b } from '../../ports/b.ts';`, 'cli imports'],
  ['src/cli/alone/a.ts', `import { b } from '../../adapters/git/index.ts';`, 'cli imports'],
  ['console/src/a.tsx', `import { b } from '../../src/ports/b.ts';`, 'console imports'],
  ['src/hub/a.ts', `import { b } from '../simulator/world.ts';`, 'nothing imports the simulator'],
  ['src/hub/main.ts', `import { b } from '../simulator/world.ts';`, 'nothing imports the simulator'],
  ['src/hub/main.ts', `import { b } from '../cli/client.ts';`, 'hub imports'],
];

test.each(broken)('%s with %s is refused', (file, text, rule) => {
  const violations = importViolations([readModule(file, text)]);
  expect(violations.map((v) => v.rule.slice(0, rule.length))).toEqual([rule]);
  expect(violations[0]?.place).toContain(`${file}:1`);
});

const allowed: [string, string][] = [
  ['src/core/base/hash.ts', `import { createHash } from 'node:crypto';`],
  ['src/core/views/a.ts', `import type { B } from '../life/b.ts';`],
  ['src/cli/commands/a.ts', `import type { A } from '../../core/life/b.ts';`],
  ['src/cli/commands/a.ts', `import { b } from '../../core/views/b.ts';`],
  ['src/cli/alone/a.ts', `import { b } from '../../core/assembly/b.ts';`],
  ['src/cli/alone/a.ts', `import { B } from '../../ports/b.ts';`],
  ['src/cli/main.ts', `await import('../simulator/main.ts');`],
  ['src/hub/main.ts', `import { b } from '../adapters/git/index.ts';`],
  ['src/adapters/git/a.ts', `import { run } from '../process/run.ts';`],
  ['src/simulator/world.ts', `import { b } from '../hub/b.ts';`],
  ['src/core/life/a.test.ts', `import fc from 'fast-check';`],
];

test.each(allowed)('%s with %s is allowed', (file, text) => {
  expect(told(importViolations([readModule(file, text)]))).toBe('');
});

test('a cycle is named once, with its way round', () => {
  const ring = [
    readModule('src/hub/a.ts', `import { b } from './b.ts';`),
    readModule('src/hub/b.ts', `import { c } from './c.ts';`),
    readModule('src/hub/c.ts', `import type { A } from './a.ts';`),
  ];
  expect(importViolations(ring).map((v) => v.place)).toEqual([
    'src/hub/a.ts → src/hub/b.ts → src/hub/c.ts → src/hub/a.ts',
  ]);
});

const impure = [
  'Date.now()',
  'new Date()',
  'Date()',
  'Math.random()',
  'async () => 1',
  'setTimeout(() => 1, 2)',
  'process.env.HOME',
  'performance.now()',
  'Promise.resolve(1)',
  'new Promise(() => 1)',
  '1 as unknown as Promise<1>',
  'crypto.randomUUID()',
  "console.log('')",
  "import('./b.ts')",
];

test.each(impure)('core that says %s is refused', (text) => {
  const sample = readModule('src/core/life/a.ts', `export const a = ${text};`);
  expect(purityViolations([sample]).length).toBeGreaterThan(0);
});

test.each([
  'new Date(0).toISOString()',
  'Math.max(1, 2)',
  '{ process: 1, console: 2 }',
  '({}) as { process: string }',
  '[].process',
  'Date.parse("2026-11-21T00:00:00Z")',
])('core that says %s is allowed', (text) => {
  expect(told(purityViolations([readModule('src/core/base/a.ts', `export const a = ${text};`)]))).toBe('');
});

test('core has no stage but those of the list', () => {
  const stages = new Set(
    modules.flatMap(({ file }) => (file.startsWith('src/core/') ? [file.split('/')[2]!] : [])),
  );
  expect([...stages].filter((stage) => !(STAGES_OF_CORE as readonly string[]).includes(stage))).toEqual([]);
});
