import { describe, expect, test } from 'vitest';
import { goBodies, readGoDeclarations, readGoHead, usualName } from './go-declarations.ts';
import { lineOf } from './go-tokens.ts';

const declarations = (text: string) => goBodies(text).flatMap((body) => readGoDeclarations(text, body));
const declared = (text: string) =>
  declarations(text).map(({ kind, name, receiver, at }) =>
    [lineOf(text, at), kind, receiver === undefined ? name : `${receiver}.${name}`].join(' '),
  );

describe('the head of a Go file', () => {
  test('has the package and every import with its alias and line', () => {
    const text = [
      '// Package x is "not" an import.',
      'package x // the name',
      'import "fmt"',
      'import (',
      '\t. "a.io/dot" // a comment',
      '\t_ `a.io/blank`',
      '\tcore "k8s.io/api/core/v1"; "os"',
      ')',
      'import "late"',
      'var s = `import "none"`',
    ].join('\n');
    const { imports, ...rest } = readGoHead(text);
    const told = imports.map(({ at, ...one }) => ({ ...one, line: lineOf(text, at) }));
    expect({ ...rest, imports: told }).toEqual({
      package: 'x',
      isConstrained: false,
      imports: [
        { path: 'fmt', line: 3 },
        { path: 'a.io/dot', line: 5, alias: '.' },
        { path: 'a.io/blank', line: 6, alias: '_' },
        { path: 'k8s.io/api/core/v1', line: 7, alias: 'core' },
        { path: 'os', line: 7 },
        { path: 'late', line: 9 },
      ],
    });
  });

  test.each([
    ['//go:build linux\n\npackage x', true],
    ['// +build linux\n\npackage x', true],
    ['// We do go:build things\npackage x\n//go:build no', false],
  ])('says whether other files may stand in for it: %j', (text, expected) => {
    expect(readGoHead(text).isConstrained).toBe(expected);
  });

  test.each([
    ['fmt', 'fmt'],
    ['k8s.io/api/core/v1', 'core'],
    ['gopkg.in/yaml.v3', 'yaml'],
    ['a.io/b/v2', 'b'],
    ['v1', 'v1'],
  ])('the usual name of %s is %s', (path, name) => {
    expect(usualName(path)).toBe(name);
  });
});

describe('the declarations of a Go file', () => {
  test.each([
    ['func A() {}', ['1 func A']],
    ['func A() {\n\tfunc() { type inner int }()\n}\nfunc B() {}', ['1 func A', '4 func B']],
    ['func (r *T) M() {}', ['1 method T.M']],
    ['func (T) M() {}', ['1 method T.M']],
    ['func (r *List[K, V]) M() {}', ['1 method List.M']],
    ['func Map[K comparable, V any](in []K) []V { return nil }', ['1 func Map']],
    ['type T struct {\n\tA int\n}\ntype I interface{ M() }', ['1 type T', '4 type I']],
    ['type (\n\tA int\n\tB = A\n)', ['2 type A', '3 type B']],
    ['var a, b = 1, 2', ['1 var a', '1 var b']],
    ['var _ I = &T{}', []],
    [
      'const (\n\tA = iota\n\tB\n\n\tC, D = 1, 2 // two\n)',
      ['2 const A', '3 const B', '5 const C', '5 const D'],
    ],
    ['var (\n\tm = map[string]int{\n\t\t"a": x,\n\t}\n\tn int\n)', ['2 var m', '5 var n']],
    ['var s = `\nfunc No() {}\n`\nfunc Yes() {}', ['1 var s', '4 func Yes']],
    ['/*\nfunc No() {}\n*/ func Yes() {}', ['3 func Yes']],
    ['var r = \'{\'\nfunc Yes() { s := "}" }\nfunc Too() {}', ['1 var r', '2 func Yes', '3 func Too']],
    ['var a = 1 +\n\t2\nvar b int', ['1 var a', '3 var b']],
    ['func Broken(', ['1 func Broken']],
    ['func', []],
    ['}}} func', []],
  ])('of %j are %j', (text, expected) => {
    expect(declared(text)).toEqual(expected);
  });

  test.each([
    ['func A()', [], []],
    ['func A(a int, b string) error', ['int', 'string'], ['error']],
    ['func A(a, b int) (x, y string)', ['int', 'int'], ['string', 'string']],
    ['func A(int, *p.T) (bool, error)', ['int', '*p.T'], ['bool', 'error']],
    [
      'func A(f func(a int, b int) error, m map[string][]int)',
      ['func(a int,b int)error', 'map[string][]int'],
      [],
    ],
    ['func A(a []string, more ...int)', ['[]string', '...int'], []],
    ['func A(List[int], [5]int)', ['List[int]', '[5]int'], []],
    ['func A(\n\ta int,\n\tb int,\n)', ['int', 'int'], []],
    ['func A() interface{ M() }', [], ['interface{M()}']],
    ['func (r T) A(ctx context.Context) <-chan int', ['context.Context'], ['<-chan int']],
  ])('say what %s takes and gives', (head, params, results) => {
    const [one] = declarations(`${head} {\n\treturn nope()\n}\n`);
    expect(one?.signature).toEqual({ params, results });
  });
});
