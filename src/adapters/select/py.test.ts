// Goal: no Python test that a change can affect is left out, wherever its modules are looked for.
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

describe('what counts as an import', () => {
  test.each([
    ['import pkg.a'],
    ['import os, pkg.a as x'],
    ['from pkg import a'],
    ['from pkg.a import thing'],
    ['from pkg import (\n    b,  # the first\n    a,\n)'],
    ['from pkg import \\\n    a'],
    ['if True: import pkg.a'],
    ['def f():\n    from pkg import a as y; g()'],
    ["import importlib\nm = importlib.import_module('pkg.a')"],
    ["m = __import__('pkg.a')"],
    ["a = pytest.importorskip('pkg.a')"],
    ["pytest_plugins = ['other', 'pkg.a']"],
    ['x = "it\'s"\nimport pkg.a'],
  ])('%s', async (text) => {
    const files = { 'pkg/__init__.py': '', 'pkg/a.py': '', 'pkg/b.py': '', 'tests/test_x.py': text };
    const found = await select.change(files, { 'pkg/a.py': 'x = 1' });
    expect(nearest(found)).toEqual(['1 tests/test_x.py']);
    expect(nearest(await select.change(files, { 'pkg/__init__.py': 'x = 1' }))).toEqual([
      '1 tests/test_x.py',
    ]);
  });

  test.each([['"""\nimport pkg.a\n"""'], ['# import pkg.a'], ["x = 'import pkg.a'"], ['import pkg_a']])(
    'not %s',
    async (text) => {
      const found = await select.change({ 'pkg/a.py': '', 'tests/test_x.py': text }, { 'pkg/a.py': 'x = 1' });
      expect(found.tests).toEqual([]);
    },
  );
});

describe('where modules are looked for', () => {
  test.each([
    ['relative', { 'p/q/a.py': '', 'p/q/__init__.py': '', 'p/q/test_x.py': 'from . import a' }, 'p/q/a.py'],
    ['relative, a folder up', { 'p/a.py': '', 'p/q/test_x.py': 'from ..a import y' }, 'p/a.py'],
    [
      'a package without __init__',
      { 'ns/deep/a.py': '', 'tests/test_x.py': 'import ns.deep.a' },
      'ns/deep/a.py',
    ],
    ['src layout', { 'src/pkg/a.py': '', 'tests/test_x.py': 'from pkg.a import y' }, 'src/pkg/a.py'],
    [
      'a project of several',
      {
        'libs/one/pyproject.toml': '',
        'libs/one/src/one/a.py': '',
        'libs/two/tests/test_x.py': 'import one.a',
      },
      'libs/one/src/one/a.py',
    ],
    ['beside the test', { 't/a.py': '', 't/test_x.py': 'import a' }, 't/a.py'],
    ['above the test', { '.ci/lib/a.py': '', '.ci/lib/tests/x_test.py': 'import a' }, '.ci/lib/a.py'],
    ['a folder put on the path', { 'scripts/own.py': '', 'tests/test_x.py': 'import own' }, 'scripts/own.py'],
    [
      'a module among names',
      { 'pkg/sub/a.py': '', 'tests/test_x.py': 'from pkg.sub import a' },
      'pkg/sub/a.py',
    ],
    ['a module written in Cython', { 'pkg/a.pyx': '', 'tests/test_x.py': 'import pkg.a' }, 'pkg/a.pyx'],
  ])('%s', async (_, files, path) => {
    const found = await select.change(files, { [path]: 'x = 1' });
    expect(found.tests.map(({ distance }) => distance)).toEqual([1]);
  });

  test('a module of Python itself is not one that happens to have its name', async () => {
    const files = { 'scripts/json.py': '', 'tests/test_x.py': 'import json' };
    expect((await select.change(files, { 'scripts/json.py': 'x = 1' })).tests).toEqual([]);
  });
});

test('a conftest.py selects every test below it, and so does what it imports', async () => {
  const files = {
    'a/conftest.py': 'from tools import t',
    'tools/t.py': 'import tools.u',
    'tools/u.py': 'import tools.t',
    'a/test_one.py': '',
    'a/b/test_two.py': '',
    'test_three.py': '',
  };
  expect(nearest(await select.change(files, { 'a/conftest.py': '' }))).toEqual([
    '1 a/b/test_two.py',
    '1 a/test_one.py',
  ]);
  const found = await select.change(files, { 'tools/u.py': '' });
  expect(nearest(found)).toEqual(['3 a/b/test_two.py', '3 a/test_one.py']);
  expect(found.tests[0]).toMatchObject({
    language: 'py',
    command: 'python3 -m pytest a/b/test_two.py',
    because: ['a/b/test_two.py', 'a/conftest.py', 'tools/t.py', 'tools/u.py'],
  });
});

test('a changed test selects itself; settings and locked versions all below them', async () => {
  const files = {
    'x/test_a.py': '',
    'x/a_test.py': '',
    'test_b.py': '',
    'x/setup.cfg': '',
    'x/requirements-dev.txt': '',
  };
  expect(nearest(await select.change(files, { 'x/test_a.py': 'x = 1' }))).toEqual(['0 x/test_a.py']);
  expect(nearest(await select.change(files, { 'x/setup.cfg': '1' }))).toEqual([
    '1 x/a_test.py',
    '1 x/test_a.py',
  ]);
  expect(nearest(await select.change(files, { 'x/requirements-dev.txt': '1' }))).toEqual([
    '2 x/a_test.py',
    '2 x/test_a.py',
  ]);
});

test('test data counts for the tests that name it', async () => {
  const files = {
    'tests/test_a.py': "open(HERE / 'data' / 'one.json')",
    'tests/test_b.py': '',
    'tests/data/one.json': '1',
    'tests/data/two.json': '1',
  };
  const found = await select.change(files, { 'tests/data/one.json': '2' });
  expect(nearest(found)).toEqual(['0 tests/test_a.py']);
});
