// Goal: no Go test that a change can affect is left out, and what is selected says why.
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

const MOD = 'module example.com/m\n\ngo 1.26\n';
const go = (name: string, ...imports: readonly string[]) =>
  `package ${name}\n\nimport (\n${imports.map((one) => `\t_ "${one}"\n`).join('')})\n\nfunc f() {}\n`;
const M = 'example.com/m';

/** c imports b imports a; d has a test outside its package that imports b; e stands alone. */
const CHAIN = {
  'go.mod': MOD,
  'a/a.go': go('a', 'fmt'),
  'a/a_test.go': go('a', 'testing'),
  'b/b.go': go('b', `${M}/a`),
  'b/b_test.go': go('b'),
  'c/c.go': go('c', `${M}/b`),
  'c/c_test.go': go('c'),
  'd/d.go': go('d'),
  'd/d_test.go': go('d_test', `${M}/b`),
  'e/e.go': go('e'),
  'e/e_test.go': go('e'),
};

describe('imports', () => {
  test('a changed package selects itself and all that import it, by distance, with the shortest way', async () => {
    const found = await select.change(CHAIN, { 'a/a.go': go('a', 'os') });
    expect(nearest(found)).toEqual(['0 a', '1 b', '2 c', '2 d']);
    expect(found.tests[2]).toMatchObject({
      language: 'go',
      id: 'example.com/m/c',
      command: 'go test ./c',
      because: ['c', 'b', 'a', 'a/a.go'],
    });
    expect([found.all, found.notCovered]).toEqual([5, []]);
  });

  test('a changed test file selects its own package only', async () => {
    expect(nearest(await select.change(CHAIN, { 'a/a_test.go': go('a', 'os', 'testing') }))).toEqual(['0 a']);
  });

  test('what only a test imports does not reach those that import its package', async () => {
    const found = await select.change(
      { ...CHAIN, 'f/f.go': go('f', `${M}/d`), 'f/f_test.go': go('f') },
      {
        'b/b.go': go('b', `${M}/a`, 'os'),
      },
    );
    expect(nearest(found)).toEqual(['0 b', '1 c', '1 d']);
  });

  test('a package that is gone, or no longer imported, selects those that imported it before', async () => {
    const found = await select.change(CHAIN, { 'a/a.go': null, 'a/a_test.go': null, 'b/b.go': go('b') });
    expect(nearest(found)).toEqual(['0 b', '1 c', '1 d']);
    const left = await select.change(CHAIN, { 'a/a.go': null, 'a/a_test.go': null });
    expect(nearest(left)).toEqual(['1 b', '2 c', '2 d']);
  });

  test('a moved package selects both who imports it now and who did', async () => {
    const found = await select.change(CHAIN, {
      'a/a.go': null,
      'a/a_test.go': null,
      'x/a.go': go('a'),
      'x/a_test.go': go('a'),
      'c/c.go': go('c', `${M}/x`),
    });
    expect(nearest(found)).toEqual(['0 c', '0 x', '1 b', '2 d']);
  });

  test('packages that import each other in a round end the search all the same', async () => {
    const round = {
      'go.mod': MOD,
      'a/a.go': go('a', `${M}/b`),
      'b/b.go': go('b', `${M}/a`),
      'b/b_test.go': go('b'),
    };
    expect(nearest(await select.change(round, { 'a/a.go': go('a', `${M}/b`, 'os') }))).toEqual(['1 b']);
  });

  test('a changed file of a package that no test imports is named', async () => {
    const found = await select.change(
      { ...CHAIN, 'cmd/main.go': go('main', `${M}/e`) },
      { 'cmd/main.go': go('main') },
    );
    expect(found.tests).toEqual([]);
    expect(found.notCovered).toEqual([
      { path: 'cmd/main.go', because: 'no test imports it, over any number of imports' },
    ]);
  });
});

describe('build constraints', () => {
  test('imports count under any tag and on any system; tests say under which tags they run', async () => {
    const files = {
      ...CHAIN,
      'e/e_windows.go': go('e', `${M}/a`),
      'g/g_test.go': `//go:build e2e\n\n${go('g', `${M}/a`)}`,
      'h/h_test.go': `//go:build e2e || slow\n\n${go('h', `${M}/a`)}`,
      'h/i_test.go': go('h'),
    };
    const found = await select.change(files, { 'a/a.go': go('a', 'os') });
    expect(nearest(found)).toEqual(['0 a', '1 b', '1 e', '1 g', '1 h', '2 c', '2 d']);
    const by = (path: string) => found.tests.find((one) => one.path === path);
    expect(by('g')).toMatchObject({ tags: ['e2e'], onlyTagged: true, command: 'go test -tags e2e ./g' });
    expect(by('h')).toMatchObject({ tags: ['e2e'] });
    expect(by('h')).not.toHaveProperty('onlyTagged');
    expect(by('e')).toMatchObject({ tags: [], command: 'go test ./e' });
  });

  test('a script that go never builds is no part of the package beside it', async () => {
    const script = (text: string) => `//go:build ignore\n\npackage main\n\nfunc main() { ${text} }\n`;
    const found = await select.change({ ...CHAIN, 'a/gen.go': script('') }, { 'a/gen.go': script('f()') });
    expect(found.tests).toEqual([]);
    expect(found.notCovered).toEqual([{ path: 'a/gen.go', because: 'go never builds it with its package' }]);
  });

  test('folders that go leaves out hold no tests of their own', async () => {
    const found = await select.change(
      {
        ...CHAIN,
        '_old/x.go': go('x', `${M}/a`),
        '_old/x_test.go': go('x'),
        '.bin/x_test.go': go('x', `${M}/a`),
      },
      { 'a/a.go': go('a', 'os') },
    );
    expect([nearest(found), found.all]).toEqual([['0 a', '1 b', '2 c', '2 d'], 5]);
  });
});

describe('files beside the source', () => {
  const FILES = {
    ...CHAIN,
    'a/embed.go': 'package a\n\nimport _ "embed"\n\n//go:embed all:assets *.tmpl\nvar s string\n',
    'a/assets/_x/y.yaml': '1',
    'a/z.tmpl': '1',
    'a/asm_amd64.s': '1',
    'b/testdata/in/case.txt': '1',
    'b/sub/testdata/x': '1',
    'e/read_test.go': 'package e\n\nvar file = "samples/one.yaml"\n',
    'e/samples/one.yaml': '1',
    'e/samples/README.md': '1',
    'docs/x.md': '1',
  };
  test.each([
    ['a/assets/_x/y.yaml', ['0 a', '1 b', '2 c', '2 d']],
    ['a/z.tmpl', ['0 a', '1 b', '2 c', '2 d']],
    ['a/asm_amd64.s', ['0 a', '1 b', '2 c', '2 d']],
    ['b/testdata/in/case.txt', ['0 b']],
    ['b/sub/testdata/x', ['0 b']],
    ['e/samples/one.yaml', ['0 e']],
  ])('%s selects %j', async (path, expected) => {
    const found = await select.change(FILES, { [path]: '2' });
    expect([nearest(found), found.notCovered]).toEqual([expected, []]);
  });

  test('a file that nothing is known to read is named', async () => {
    const found = await select.change(FILES, { 'docs/x.md': '2' });
    expect([found.tests, found.notCovered]).toEqual([
      [],
      [{ path: 'docs/x.md', because: 'not mapped: no test or suite is known to read it' }],
    ]);
  });
});

describe('modules', () => {
  /** The top module builds lib from its folder, and holds a copy of it and of others. */
  const VENDORED = {
    'go.mod': `${MOD}\nrequire (\n\texample.com/lib v0.0.0\n\tgithub.com/x/y v1.0.0\n\tgithub.com/x/y/sub v1.0.0\n)\nreplace example.com/lib => ./lib\n`,
    'lib/go.mod': 'module example.com/lib\n',
    'lib/l.go': go('lib'),
    'lib/l_test.go': go('lib'),
    'a/a.go': go('a', 'example.com/lib'),
    'a/a_test.go': go('a'),
    'b/b.go': go('b', 'github.com/x/y/z'),
    'b/b_test.go': go('b'),
    'c/c.go': go('c', 'github.com/x/y/sub'),
    'c/c_test.go': go('c'),
    'vendor/modules.txt':
      '# example.com/lib v0.0.0 => ./lib\n# github.com/x/y v1.0.0\n# github.com/x/y/sub v1.0.0\n',
    'vendor/example.com/lib/l.go': go('lib'),
    'vendor/github.com/x/y/z/z.go': go('z', 'github.com/x/y/inner'),
    'vendor/github.com/x/y/inner/i.go': go('inner'),
    'vendor/github.com/x/y/sub/s.go': go('sub'),
  };
  test.each([
    ['lib/l.go', go('lib', 'os'), ['0 lib', '1 a']],
    ['vendor/example.com/lib/l.go', go('lib', 'os'), ['1 a']],
    ['vendor/github.com/x/y/inner/i.go', go('inner', 'os'), ['2 b']],
    ['go.mod', VENDORED['go.mod'].replace('y v1.0.0', 'y v1.1.0'), ['2 b']],
    ['go.mod', VENDORED['go.mod'].replace('go 1.26', 'go 1.27'), ['1 lib', '1 a', '1 b', '1 c']],
    ['go.mod', VENDORED['go.mod'].replace('lib v0.0.0', 'lib v0.0.1'), []],
    ['go.sum', 'github.com/x/y v1.0.0 h1:x\n', []],
    ['vendor/modules.txt', VENDORED['vendor/modules.txt'].replace('sub v1.0.0', 'sub v1.2.0'), ['2 c']],
  ])('a change of %s', async (path, text, expected) => {
    expect(nearest(await select.change(VENDORED, { [path]: text }))).toEqual(expected);
  });

  test('a test of a module below is run in that module', async () => {
    const found = await select.change(VENDORED, { 'lib/l.go': go('lib', 'os') });
    expect(found.tests[0]).toMatchObject({ id: 'example.com/lib', command: 'go -C lib test .' });
  });

  test('without the sources of modules, who imports another one may reach the changed one through it', async () => {
    const files = {
      'go.mod': `${MOD}\nrequire github.com/x/y v1.0.0\nrequire github.com/o/p v1.0.0\n`,
      'a/a.go': go('a', 'github.com/x/y/z'),
      'a/a_test.go': go('a'),
      'b/b.go': go('b', `${M}/a`),
      'b/b_test.go': go('b'),
      'c/c.go': go('c', 'github.com/o/p'),
      'c/c_test.go': go('c'),
      'd/d_test.go': go('d', 'testing'),
    };
    const found = await select.change(files, { 'go.mod': files['go.mod'].replace('y v1.0.0', 'y v1.1.0') });
    expect(nearest(found)).toEqual(['1 a', '2 b', '2 c']);
    expect(found.tests[2]!.because.at(-1)).toBe(
      'go.mod: github.com/x/y v1.0.0 → v1.1.0, perhaps through github.com/o/p',
    );
  });

  test('a workspace builds its modules from their folders', async () => {
    const files = {
      'go.work': 'go 1.26\nuse (\n\t./one\n\t./two\n)\n',
      'one/go.mod': 'module example.com/one\n',
      'one/o.go': go('one'),
      'two/go.mod': 'module example.com/two\n',
      'two/t.go': go('two', 'example.com/one'),
      'two/t_test.go': go('two'),
    };
    expect(nearest(await select.change(files, { 'one/o.go': go('one', 'os') }))).toEqual(['1 two']);
    expect(
      nearest(await select.change(files, { 'go.work': `${files['go.work']}toolchain go1.27\n` })),
    ).toEqual(['1 two']);
  });

  test('a nested module is no part of the one around it', async () => {
    const files = { ...CHAIN, 'a/go.mod': 'module example.com/other\n' };
    expect(nearest(await select.change(files, { 'a/a.go': go('a', 'os') }))).toEqual(['0 a']);
  });

  test('a module without a name is said, and does not stop the rest', async () => {
    const found = await select.change(
      { ...CHAIN, 'x/go.mod': '\u0000\u0001 {{{', 'x/x.go': go('x') },
      {
        'a/a.go': go('a', 'os'),
        'x/x.go': go('x', 'os'),
      },
    );
    expect(nearest(found)).toEqual(['0 a', '1 b', '2 c', '2 d']);
    expect(found.warnings).toEqual(['x/go.mod: it names no module; packages below it are not followed']);
    expect(found.notCovered.map(({ path }) => path)).toEqual(['x/x.go']);
  });
});

describe('what a tree can hold', () => {
  test('a link to a source file changes with it; one in vendor may lead to a folder', async () => {
    const files = {
      'go.mod': `${MOD}\nrequire example.com/lib v0.0.0\n`,
      'shared/s.go': go('shared'),
      'a/s.go': { mode: '120000', content: '../shared/s.go' },
      'a/a_test.go': go('shared'),
      'lib/go.mod': 'module example.com/lib\n',
      'lib/l.go': go('lib'),
      'vendor/modules.txt': '# example.com/lib v0.0.0\n',
      'vendor/example.com/lib': { mode: '120000', content: '../../lib' },
      'b/b.go': go('b', 'example.com/lib'),
      'b/b_test.go': go('b'),
      'round/x': { mode: '120000', content: '../round' },
      'out/x': { mode: '120000', content: '../../../etc/passwd' },
    };
    const found = await select.change(files, { 'shared/s.go': go('shared', 'os') });
    expect(nearest(found)).toEqual(['0 a']);
    expect(found.changed).toContainEqual({ path: 'a/s.go', kind: 'linked', as: 'go source' });
    expect(nearest(await select.change(files, { 'lib/l.go': go('lib', 'os') }))).toEqual(['1 b']);
  });

  test('a submodule that moved is named, since what it holds is not here', async () => {
    const at = (digit: string) => ({ mode: '160000', content: digit.repeat(40) });
    const found = await select.change({ ...CHAIN, sub: at('1') }, { sub: at('2') });
    expect(found.notCovered).toEqual([
      { path: 'sub', because: 'a submodule: what it holds is not in this repository' },
    ]);
  });

  test('paths that are not UTF-8 stay apart and can be read', async () => {
    const found = await select.change(
      { ...CHAIN, 'a/\xe9.go': go('a'), 'a/\xe8.txt': '1' },
      { 'a/\xe9.go': go('a', 'os'), 'a/\xe8.txt': '2' },
    );
    expect(nearest(found)).toEqual(['0 a', '1 b', '2 c', '2 d']);
    expect(found.changed.map(({ path }) => path).sort()).toEqual(['"a/\\350.txt"', '"a/\\351.go"']);
  });

  test('a file that is no Go, and one of megabytes, are read as far as they go', async () => {
    const long = `package a\n\nimport _ "${M}/e"\n\n// ${'x'.repeat(70_000)}\n${'var a = 1\n'.repeat(600_000)}`;
    const found = await select.change(
      { ...CHAIN, 'a/long.go': long, 'a/bad.go': '}{ \u0000 import import "' },
      { 'e/e.go': go('e', 'os') },
    );
    expect(nearest(found)).toEqual(['0 e', '1 a', '2 b', '3 c', '3 d']);
  });

  test('imports behind a licence longer than what is first read are seen', async () => {
    const found = await select.change(
      {
        ...CHAIN,
        'e/e.go': `/*\n${'licence\n'.repeat(5_000)}*/\npackage e\n\nimport _ "${M}/a"\n\nfunc f() {}\n`,
      },
      { 'a/a.go': go('a', 'os') },
    );
    expect(nearest(found)).toContain('1 e');
  });
});
