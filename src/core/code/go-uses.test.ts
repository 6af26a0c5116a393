import { describe, expect, test } from 'vitest';
import { goBodies } from './go-declarations.ts';
import { lineOf } from './go-tokens.ts';
import { type GoUse, hasSameCall, readGoUses } from './go-uses.ts';

const usesIn = (text: string) => {
  const [body] = goBodies(text);
  return readGoUses(text, body!);
};
/** `fmt.Print(2)` is called with two arguments, `F(?)` with nobody knows how many. */
const told = (use: GoUse) =>
  `${use.of ? `${use.of}.` : use.isMember ? '.' : ''}${use.name}${use.isCalled ? `(${use.args ?? '?'})` : ''}`;
const foreign = (text: string) => usesIn(text).map(told);

describe('what a piece of Go uses', () => {
  test.each([
    ['func A() { F(1, G) }', ['F(2)', 'G']],
    ['func A() { fmt.Print("a,b", f(1, 2)) }', ['fmt', 'fmt.Print(2)', 'f(2)']],
    ['func A() { F() }', ['F(0)']],
    ['func A() { F(g()) }', ['F(?)', 'g(0)']],
    ['func A() { F(list...) }', ['F(?)', 'list']],
    ['func A() { F(\n\ta,\n\tb,\n) }', ['F(2)', 'a', 'b']],
    ['func A() { F(func(x int) { G(x) }, T{B: 1}) }', ['F(2)', 'int', 'G(1)', 'T']],
    ['func A(p P) { p.x.y() }', ['P', '.x', '.y(0)']],
    ['func (r R) A() { x := 1; var y Y; _ = x + y }', ['R', 'Y', '_']],
    ['func A() { for i, v := range list { use(i, v) } }', ['list', 'use(2)']],
    ['func A() (n int, err error) { return n, err }', ['int', 'error']],
    ['func A() { switch k { case First: return Second } }', ['k', 'First', 'Second']],
    ['func A() { // not.Used()\n_ = "Nor(this)" }', ['_']],
    ['type T struct {\n\tName string\n\tE\n}', ['string', 'E']],
    ['type I interface {\n\tM(a int) error\n}', ['int', 'error']],
    ['var (\n\ta = B\n\tc D\n)', ['B', 'D']],
  ])('%j', (text, expected) => {
    expect(foreign(text)).toEqual(expected);
  });

  test('is told with its line in the file', () => {
    const text = 'package x\n\nfunc A() {\n\t/* two\n\tlines */\n\tF(`\n`)\n\tG()\n}\n';
    expect(usesIn(text).map((use) => [use.name, lineOf(text, use.at)])).toEqual([
      ['F', 6],
      ['G', 8],
    ]);
  });

  test('can be looked for in another text by name, package and number of arguments', () => {
    const [, call] = usesIn('func A() { p.F(1, 2) }');
    expect(hasSameCall('q.F(1, 2); p.F(1); x := p.F(a, g(b, c))', call!)).toBe(true);
    expect(hasSameCall('q.F(1, 2); p.F(1); sp.F(1, 2); p.Fa(1, 2)', call!)).toBe(false);
  });
});
