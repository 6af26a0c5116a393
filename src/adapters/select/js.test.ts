// Goal: no test of JavaScript or TypeScript that a change can affect is left out, however its imports are written.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestSource } from '../git/test-source.ts';
import { nearest, selecting } from './test-select.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let select: ReturnType<typeof selecting>;
beforeAll(async () => {
  source = await createTestSource();
  select = selecting(source);
});
afterAll(async () => {
  select.dispose();
  await source.dispose();
});

const TEST = "import './a.ts';\n";

describe('what counts as an import', () => {
  test.each([
    ["import x from './a.ts';"],
    ["import { x,\n  y as z } from './a';"],
    ["import type { X } from './a.js';"],
    ["import './a.js'"],
    ["export * from './a.ts';"],
    ['export { x } from "./a";'],
    ["const a = require('./a');"],
    ["import a = require('./a');"],
    ['const a = await import(`./a.ts`);'],
    ["const a = import(/* webpackChunkName: 'a' */ './a.ts');"],
    ["jest.mock('./a');"],
    ["vi.mock(import('./a.ts'));"],
    ["type A = import('./a.ts').A;"],
    ["new Worker(new URL('./a.ts', import.meta.url));"],
    ["/// <reference path='a.ts' />"],
    ["const pattern = /['\"`]/; const a = require('./a');"],
    ["const t = <p>don't</p>;\nconst a = require('./a');"],
    ["const glob = 'src/**/*.ts'; require('./a'); // */"],
    ["const n = 4 / 2; const b = require('./a') / 1;"],
    [`const s = \`\${1}\`; require('./a');`],
    ["import x from './a.ts?raw';"],
  ])('%s', async (text) => {
    const found = await select.change({ 'x/a.ts': '1', 'x/b.test.tsx': text }, { 'x/a.ts': '2' });
    expect(nearest(found)).toEqual(['1 x/b.test.tsx']);
  });

  test.each([["// import './a.ts';"], ["/* require('./a') */"], ["import 'a';"], ["import './ab.ts';"]])(
    'not %s',
    async (text) => {
      const found = await select.change({ 'x/a.ts': '1', 'x/b.test.ts': text }, { 'x/a.ts': '2' });
      expect(found.tests).toEqual([]);
      expect(found.notCovered).toEqual([
        { path: 'x/a.ts', because: 'no test imports it, over any number of imports' },
      ]);
    },
  );
});

test('the nearest tests come first, each with its way, and rounds of imports end', async () => {
  const files = {
    'package.json': '{"devDependencies":{"vitest":"1"}}',
    'src/a.ts': "import './c.js';",
    'src/a.test.ts': TEST,
    'src/b/index.ts': "export * from '../a.js';",
    'src/b/__tests__/any.ts': "import '..';",
    'src/c.tsx': "import './a.js';",
    'src/d.spec.mjs': '',
  };
  const found = await select.change(files, { 'src/a.ts': "import './c.js'; // 2" });
  expect(nearest(found)).toEqual(['1 src/a.test.ts', '2 src/b/__tests__/any.ts']);
  expect(found.tests[1]).toMatchObject({
    language: 'js',
    command: 'npx vitest run src/b/__tests__/any.ts',
    because: ['src/b/__tests__/any.ts', 'src/b/index.ts', 'src/a.ts', 'src/a.ts'].slice(0, 3),
  });
  expect([found.all, nearest(await select.change(files, { 'src/c.tsx': '' }))]).toEqual([
    3,
    ['2 src/a.test.ts', '3 src/b/__tests__/any.ts'],
  ]);
});

test('a module that moved selects who imported it before', async () => {
  const files = { 'a.ts': '', 'a.test.ts': TEST };
  expect(nearest(await select.change(files, { 'a.ts': null }))).toEqual(['1 a.test.ts']);
});

describe('settings', () => {
  test('paths and baseUrl count, also those that are extended, with comments and commas', async () => {
    const files = {
      'base/tsconfig.json':
        '{ // base\n "compilerOptions": { "paths": { "@lib/*": ["../lib/*"], "~": ["../one.ts"], }, }, }',
      'app/tsconfig.json': '{ "extends": "../base/tsconfig", "compilerOptions": { "baseUrl": "src" } }',
      'lib/x.ts': '',
      'one.ts': '',
      'app/src/deep/y.ts': '',
      'app/t/1.test.ts': "import '@lib/x';",
      'app/t/2.test.ts': "import '~';",
      'app/t/3.test.ts': "import 'deep/y';",
    };
    const found = async (path: string) => nearest(await select.change(files, { [path]: '2' }));
    expect(await found('lib/x.ts')).toEqual(['1 app/t/1.test.ts']);
    expect(await found('one.ts')).toEqual(['1 app/t/2.test.ts']);
    expect(await found('app/src/deep/y.ts')).toEqual(['1 app/t/3.test.ts']);
    expect(await found('app/tsconfig.json')).toEqual([
      '1 app/t/1.test.ts',
      '1 app/t/2.test.ts',
      '1 app/t/3.test.ts',
    ]);
  });

  test('settings that extend each other in a round, and broken ones, are named and do no harm', async () => {
    const files = {
      'tsconfig.json': '{ "extends": "./tsconfig.two.json" }',
      'tsconfig.two.json': '{ "extends": "./tsconfig.json" }',
      'x/package.json': '{ "name": ',
      'x/tsconfig.json': '[]',
      'a.ts': '',
      'a.test.ts': TEST,
    };
    const found = await select.change(files, { 'a.ts': '2' });
    expect(nearest(found)).toEqual(['1 a.test.ts']);
    expect(found.warnings.map((text) => text.split(':')[0]).sort()).toEqual([
      'x/package.json',
      'x/tsconfig.json',
    ]);
  });

  const WORKSPACE = {
    'package.json': '{ "workspaces": ["packages/*"], "imports": { "#top": "./top.ts" } }',
    'top.ts': '',
    'packages/lib/package.json':
      '{ "name": "@me/lib", "exports": { ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" }, "./part/*": "./src/part/*.ts", "./gone": "./build/gone.js" }, "imports": { "#in/*": { "node": "./src/inner/*.js" } } }',
    'packages/lib/src/index.ts': "import '#in/i';",
    'packages/lib/src/inner/i.ts': '',
    'packages/lib/src/part/p.ts': '',
    'packages/lib/src/other.ts': '',
    'packages/app/package.json': '{ "name": "app", "dependencies": { "@me/lib": "*", "left-pad": "1" } }',
    'packages/app/1.test.ts': "import '@me/lib';",
    'packages/app/2.test.ts': "import '@me/lib/part/p';",
    'packages/app/3.test.ts': "import '@me/lib/gone';",
    'packages/app/4.test.ts': "import 'left-pad/sub';",
    '5.test.ts': "import '#top';",
  };
  test.each([
    ['packages/lib/src/index.ts', '', ['1 packages/app/1.test.ts', '1 packages/app/3.test.ts']],
    ['packages/lib/src/inner/i.ts', '2', ['1 packages/app/3.test.ts', '2 packages/app/1.test.ts']],
    ['packages/lib/src/part/p.ts', '2', ['1 packages/app/2.test.ts', '1 packages/app/3.test.ts']],
    ['packages/lib/src/other.ts', '2', ['1 packages/app/3.test.ts']],
    ['top.ts', '2', ['1 5.test.ts']],
    [
      'packages/app/package.json',
      '{ "name": "app", "dependencies": { "@me/lib": "*", "left-pad": "2" } }',
      ['1 packages/app/4.test.ts'],
    ],
    [
      'packages/app/package.json',
      '{ "name": "app", "version": "2", "dependencies": { "@me/lib": "*", "left-pad": "1" } }',
      [],
    ],
  ])('workspaces, exports and imports: a change of %s', async (path, text, expected) => {
    expect(nearest(await select.change(WORKSPACE, { [path]: text }))).toEqual(expected);
  });

  test('the runner’s settings, and what they name, count for each test below them', async () => {
    const files = {
      'x/vitest.config.ts': "export default { test: { setupFiles: ['./setup.ts'] } };",
      'x/setup.ts': '',
      'x/a.test.ts': '',
      'b.test.ts': '',
    };
    expect(nearest(await select.change(files, { 'x/setup.ts': '2' }))).toEqual(['2 x/a.test.ts']);
    expect(nearest(await select.change(files, { 'x/vitest.config.ts': '' }))).toEqual(['1 x/a.test.ts']);
    expect(nearest(await select.change(files, { 'package-lock.json': '{}' }))).toEqual([
      '2 b.test.ts',
      '2 x/a.test.ts',
    ]);
  });
});

test('a package that names only what is built counts by what it is built from', async () => {
  const files = {
    'lib/package.json': '{ "name": "lib", "main": "dist/index.js", "types": "dist/index.d.ts" }',
    'lib/src/index.ts': "export * from './used.js';",
    'lib/src/used.ts': '',
    'lib/src/unused.ts': '',
    'app.test.ts': "import 'lib';",
  };
  const found = await select.change(files, { 'lib/src/used.ts': '2' });
  expect(found.tests.map(({ because }) => because)).toEqual([
    ['app.test.ts', 'lib/src/index.ts', 'lib/src/used.ts'],
  ]);
  expect((await select.change(files, { 'lib/src/unused.ts': '2' })).tests).toEqual([]);
});

test('files that are no source count for those that name them', async () => {
  const files = {
    'a.ts': "import data from './data.json' with { type: 'json' };",
    'data.json': '1',
    'a.test.ts': `${TEST}read(new URL('../samples/one.yaml', import.meta.url)); read('./text.txt');`,
    'text.txt': '1',
    '__snapshots__/a.test.ts.snap': '1',
    'other/fixtures/x.bin': '1',
    'other/o.test.ts': '',
    'node_modules/x/x.test.js': '',
  };
  const found = async (path: string) => nearest(await select.change(files, { [path]: '2' }));
  expect(await found('data.json')).toEqual(['2 a.test.ts']);
  expect(await found('text.txt')).toEqual(['1 a.test.ts']);
  expect(await found('__snapshots__/a.test.ts.snap')).toEqual(['0 a.test.ts']);
  expect(await found('other/fixtures/x.bin')).toEqual(['0 other/o.test.ts']);
  expect(await found('node_modules/x/x.test.js')).toEqual([]);
});
