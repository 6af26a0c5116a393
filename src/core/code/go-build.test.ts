import { describe, expect, test } from 'vitest';
import { joinPath, upwards } from './folders.ts';
import { type GoBuild, isEmbedded, isGoSource, whereIs } from './go-build.ts';
import { readGoMod, readGoWork } from './go-module.ts';
import { isRelevant, type Relevant } from './relevant.ts';

test('a go.mod is read with its blocks, quotes and comments', () => {
  const text = `// replace no => ./no
module "example.com/m" // the module

go 1.26

require example.com/x v1.0.0

replace example.com/a => ./a
replace (
	example.com/b v1.2.3 => ../b // near
	example.com/c => example.com/d v1.0.0
	example.com/e => "./e f"
)
`;
  expect(readGoMod(text)).toEqual({
    path: 'example.com/m',
    replaces: [
      { from: 'example.com/a', folder: './a' },
      { from: 'example.com/b', folder: '../b' },
      { from: 'example.com/e', folder: './e f' },
    ],
  });
});

test('a go.work is read in both forms', () => {
  expect(readGoWork('go 1.26\nuse ./a\nuse (\n  .\n  ./b\n)\nreplace x.io/y => ./y\n')).toEqual({
    uses: ['./a', '.', './b'],
    replaces: [{ from: 'x.io/y', folder: './y' }],
  });
});

test('paths are joined inside the repository and never leave it', () => {
  expect(['./x', '../x', '.', '..', '../../x'].map((path) => joinPath('a', path))).toEqual([
    'a/x',
    'x',
    'a',
    '',
    undefined,
  ]);
  expect(upwards('a/b')).toEqual(['a/b', 'a', '']);
});

const BUILD: GoBuild = {
  folder: '',
  modules: [
    { path: 'example.com/m', folder: '' },
    { path: 'example.com/m/api', folder: 'api' },
  ],
  vendors: ['vendor'],
};

describe('the source of an import', () => {
  test.each([
    ['fmt', undefined],
    ['encoding/json', undefined],
    ['example.com/m', ['', 'vendor/example.com/m']],
    ['example.com/m/support', ['support', 'vendor/example.com/m/support']],
    ['example.com/m/api/v1', ['api/v1', 'vendor/example.com/m/api/v1']],
    ['example.com/mine', ['vendor/example.com/mine']],
    ['k8s.io/api/core/v1', ['vendor/k8s.io/api/core/v1']],
  ])('%s is at %j', (path, folders) => {
    const where = whereIs(path, BUILD);
    expect(where.kind === 'std' ? undefined : where.folders.map((place) => place.folder)).toEqual(folders);
  });

  test('may be a module whose name has no dot', () => {
    const build: GoBuild = { folder: 'x', modules: [{ path: 'tool', folder: 'x' }], vendors: [] };
    expect(whereIs('tool/a', build)).toEqual({ kind: 'folders', folders: [{ folder: 'x/a', module: 'x' }] });
  });
});

test('what is compiled is told from tests and from what go does not look at', () => {
  const names = ['a.go', 'a_windows.go', 'a.s', 'a_test.go', '_a.go', '.a.go', 'a.md', 'a.h'];
  expect(names.filter(isGoSource)).toEqual(['a.go', 'a_windows.go', 'a.s', 'a.h']);
});

describe('an embed pattern', () => {
  test.each([
    ['x.yaml', 'x.yaml', true],
    ['x.yaml', 'xayaml', false],
    ['*.yaml', 'x.yaml', true],
    ['*.yaml', 'd/x.yaml', false],
    ['assets/*', 'assets/d/x', true],
    ['assets/*', 'assets/.x', true],
    ['assets', 'assets/.x', false],
    ['assets', 'assets/d/_x', false],
    ['all:assets', 'assets/d/_x', true],
    ['assets', 'assetsx', false],
    ['a?[0-9].t', 'ab1.t', true],
    ['a?[^0-9].t', 'ab1.t', false],
    ['a\\*', 'a*', true],
    ['a(b)+', 'a(b)+', true],
    ['.', 'd/x', true],
    ['[', '[', false],
  ])('%s takes in %s: %s', (pattern, path, is) => expect(isEmbedded(pattern, path)).toBe(is));
});

const RELEVANT: Relevant = {
  paths: ['cmd/op', 'Dockerfile.op'],
  isGo: true,
  packages: new Set(['cmd/op', 'support', 'vendor/k8s.io/api']),
  embeds: new Map([['support', ['assets/*']]]),
  files: new Set(['go.mod']),
};

test.each([
  ['cmd/op/main.go', true],
  ['cmd/op/README.md', true],
  ['cmd/op/main_test.go', false],
  ['cmd/op/testdata/x.yaml', false],
  ['cmd/op2/main.go', false],
  ['Dockerfile.op', true],
  ['support/a.go', true],
  ['support/a_test.go', false],
  ['support/README.md', false],
  ['support/deep/a.go', false],
  ['support/assets/x.yaml', true],
  ['support/assets/d/x.yaml', true],
  ['vendor/k8s.io/api/types.go', true],
  ['vendor/k8s.io/api/core/types.go', false],
  ['go.mod', true],
  ['api/go.mod', false],
])('a change of %s changes the component: %s', (path, is) => {
  expect(isRelevant(path, RELEVANT)).toBe(is);
});

test('a component that is not Go has no tests to leave out', () => {
  const plain = { ...RELEVANT, isGo: false, packages: new Set<string>() };
  expect(isRelevant('cmd/op/x_test.go', plain)).toBe(true);
});
