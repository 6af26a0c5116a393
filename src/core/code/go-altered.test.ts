import { describe, expect, test } from 'vitest';
import { alteredBodies } from './go-altered.ts';
import { goSections } from './go-parts.ts';

const sectionsOf = (text: string) => goSections(text).map(({ from, to }) => text.slice(from, to));

function altered(before: string, now: string) {
  const { was, is } = alteredBodies(
    { text: before, sections: goSections(before) },
    { text: now, sections: goSections(now) },
  );
  return [was.map(({ from, to }) => before.slice(from, to)), is.map(({ from, to }) => now.slice(from, to))];
}

describe('the sections of a Go file', () => {
  test('begin with a declaration each, the first with the package', () => {
    const text = 'package x\n\nimport "a"\n\n// A is.\nfunc A() {\n\tvar b int\n}\n\ntype T int\n';
    expect(sectionsOf(text)).toEqual([
      'package x\n\nimport "a"\n\n// A is.\n',
      'func A() {\n\tvar b int\n}\n\n',
      'type T int\n',
    ]);
  });

  test.each([
    ['a string', 'var a = `\nfunc No() {}\n`\n'],
    ['a comment', 'var a = 1 /*\nfunc No() {}\n*/\n'],
    ['a comment in a string', 'var a = `/*\nfunc No() {}\n`\n'],
    ['a word that goes on', 'var a =\nfunction\n'],
  ])('do not begin within %s', (_, first) => {
    expect(sectionsOf(`${first}func Yes() {}\n`)).toEqual([first, 'func Yes() {}\n']);
  });

  test('of a text without any are none', () => {
    expect(goSections('')).toEqual([]);
  });
});

describe('what differs between two versions of a Go file', () => {
  const [A, B, C] = ['A', 'B', 'C'].map((name) => `func ${name}() {}\n`) as [string, string, string];
  const HEAD = 'package x\n\nimport "a"\n\n';

  test.each([
    ['a changed function', A + B, `${A}func B() { C() }\n`, ['func B() {}'], ['func B() { C() }']],
    ['a function that came in', A + C, A + B + C, [], ['func B() {}']],
    ['a function that is gone', A + B + C, A + C, ['func B() {}'], []],
    ['a function that stands there twice', A + B, A + B + B, [], ['func B() {}']],
    ['nothing where functions moved', A + B + C, C + A + B, [], []],
    ['nothing where only comments, the package and imports changed', `// Old.\n${A}`, HEAD + A, [], []],
    ['all where there was nothing', '', HEAD + A + B, [], ['func A() {}', 'func B() {}']],
  ])('is %s', (_, before, now, was, is) => {
    expect(altered(before, now)).toEqual([was, is]);
  });
});
