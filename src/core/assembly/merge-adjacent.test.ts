// Method: texts of one letter a line, written as words; properties with edits that are known beforehand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitLines } from './line-diff.ts';
import { LINES_MAX, mergeAdjacent } from './merge-adjacent.ts';
import { placesOf } from './three-way.ts';

const lines = (text: string) => [...text].map((c) => `${c}\n`);
const merge = (base: string, ours: string, theirs: string) =>
  mergeAdjacent({ base: lines(base), ours: lines(ours), theirs: lines(theirs) }, 'a.txt')
    ?.lines.map((line) => line[0])
    .join('');
const mergeText = (path: string, base: string, ours: string, theirs: string) =>
  mergeAdjacent(
    { base: splitLines(base), ours: splitLines(ours), theirs: splitLines(theirs) },
    path,
  )?.lines.join('');

describe('edits of both sides', () => {
  test('that only touch are put side by side', () => {
    expect(merge('abcd', 'aBcd', 'abCd')).toBe('aBCd');
    expect(merge('abcd', 'abCd', 'aBcd')).toBe('aBCd');
    expect(merge('abcd', 'acd', 'abCd')).toBe('aCd');
    expect(merge('abcd', 'abXcd', 'abCd')).toBe('abXCd');
    expect(merge('abcd', 'abcXd', 'abCd')).toBe('abCXd');
    expect(merge('abcdef', 'aBcDef', 'abCdEf')).toBe('aBCDEf');
  });

  test('that change one line differently, or put lines in at one point, are refused', () => {
    expect(merge('abc', 'aXc', 'aYc')).toBeUndefined();
    expect(merge('abc', 'aXbc', 'aYbc')).toBeUndefined();
    expect(merge('abc', 'ac', 'aYc')).toBeUndefined();
    expect(merge('abcd', 'aXd', 'abYcd')).toBeUndefined();
  });

  test('are taken apart where equal lines leave open which of them are new', () => {
    // Where the new `x}` begins is one line deep in what ours took out.
    expect(merge('a}b}c', 'a}c', 'a}x}b}c')).toBe('a}x}c');
    expect(merge('a}b}c', 'a}c', 'a}b}x}c')).toBe('a}x}c');
    expect(merge('a}b}c}d', 'a}d', 'a}b}x}c}d')).toBeUndefined();
    expect(merge('abcd', 'aXd', 'abxcd')).toBeUndefined();
  });

  test('that are the same count once', () => {
    expect(merge('abc', 'aXc', 'aXc')).toBe('aXc');
    expect(merge('abcdefg', 'aXcdeFg', 'aXcdefg')).toBe('aXcdeFg');
  });

  test('that differ only in white space are still different', () => {
    expect(mergeText('a.txt', 'a\nb\nc\n', 'a\n b\nc\n', 'a\nb \nc\n')).toBeUndefined();
    expect(mergeText('a.txt', 'a\nb\nc\n', 'a\r\nb\r\nc\r\n', 'a\nB\nc\n')).toBeUndefined();
  });

  test('keep line ends as each side wrote them', () => {
    expect(mergeText('a.txt', 'a\r\nb\r\nc\r\n', 'a\r\nB\r\nc\r\n', 'a\r\nb\r\nC\r\n')).toBe(
      'a\r\nB\r\nC\r\n',
    );
  });

  test('at an end without a line end do not run into each other', () => {
    expect(mergeText('a.txt', 'a\nb\n', 'a\nB\n', 'a\nb\nc')).toBe('a\nB\nc');
    expect(mergeText('a.txt', 'a\nb', 'a\nB', 'a\nb\nc\n')).toBeUndefined();
    expect(mergeText('a.txt', 'a\nb\nc\n', 'a\nb\nC', 'a\nb\nc\nd\n')).toBeUndefined();
  });

  test('in a file that is too long are refused', () => {
    const base = Array.from({ length: LINES_MAX + 1 }, (_, i) => `${i}\n`);
    expect(mergeAdjacent({ base, ours: base, theirs: base }, 'a.txt')).toBeUndefined();
  });
});

const text = fc
  .array(fc.constantFrom(...'abcd'), { maxLength: 25 })
  .map((all) => all.map((line) => `${line}\n`));

test('a side that changed nothing leaves the merge to the other', () => {
  fc.assert(
    fc.property(text, text, (base, other) => {
      expect(mergeAdjacent({ base, ours: base, theirs: other }, 'a')?.lines).toEqual(other);
      expect(mergeAdjacent({ base, ours: other, theirs: base }, 'a')?.lines).toEqual(other);
      expect(mergeAdjacent({ base, ours: other, theirs: other }, 'a')?.lines).toEqual(other);
    }),
    { seed: 4, numRuns: 500 },
  );
});

test('a merge does not depend on which side is which', () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      const one = mergeAdjacent({ base, ours, theirs }, 'a');
      expect(mergeAdjacent({ base, ours: theirs, theirs: ours }, 'a')).toEqual(one);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('edits of different lines are all in the merge, whichever side made them', () => {
  const edits = fc.array(fc.constantFrom('none', 'ours', 'theirs', 'ours out', 'theirs out', 'both'), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(edits, (who) => {
      const side = (names: string[]) =>
        who.flatMap((what, i) => {
          if (!names.some((name) => what.startsWith(name))) return [`line ${i}\n`];
          return what.endsWith('out') ? [] : [`new ${i}\n`];
        });
      const texts = { base: side([]), ours: side(['ours', 'both']), theirs: side(['theirs', 'both']) };
      const all = side(['ours', 'theirs', 'both']);
      const merged = mergeAdjacent(texts, 'a.txt');
      // Lines that both rewrote alike may stand beside what only one did: then it is no longer one edit.
      if (who.includes('both')) expect([undefined, all.join('')]).toContain(merged?.lines.join(''));
      else expect(merged?.lines).toEqual(all);
    }),
    { seed: 6, numRuns: 1_000 },
  );
});

test('places cover every difference, and between them the three texts are equal', () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      const at = { base: 0, ours: 0, theirs: 0 };
      for (const place of [...placesOf({ base, ours, theirs }), undefined]) {
        const end = place ?? { base: { from: base.length }, ours: {}, theirs: {} };
        const between = base.slice(at.base, end.base.from);
        expect(ours.slice(at.ours, place?.ours.from)).toEqual(between);
        expect(theirs.slice(at.theirs, place?.theirs.from)).toEqual(between);
        if (place) Object.assign(at, { base: place.base.to, ours: place.ours.to, theirs: place.theirs.to });
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});

const go = (imports: readonly string[], body = 'func main() {}\n') =>
  `package a\n\nimport (\n${imports.map((one) => (one === '' ? '\n' : `\t${one}\n`)).join('')})\n\n${body}`;

describe('import blocks', () => {
  const base = ['"context"', '"fmt"', '', '"k8s.io/api/core/v1"'];

  test('get what both sides added and lose what either took out, in the order of gofmt', () => {
    expect(
      mergeText(
        'a.go',
        go(base),
        go(['"context"', '"fmt"', '"os"', '', '"k8s.io/api/core/v1"']),
        go(['"context"', '"io"', '"strings"', '', '"k8s.io/api/core/v1"', 'ptr "k8s.io/utils/ptr"']),
      ),
    ).toBe(
      go(['"context"', '"io"', '"os"', '"strings"', '', '"k8s.io/api/core/v1"', 'ptr "k8s.io/utils/ptr"']),
    );
  });

  test('are merged beside edits of other lines', () => {
    expect(
      mergeText(
        'a.go',
        go(base, 'a\nb\n'),
        go([...base, '"k8s.io/x"'], 'A\nb\n'),
        go([...base, '"k8s.io/y"'], 'a\nB\n'),
      ),
    ).toBe(go([...base, '"k8s.io/x"', '"k8s.io/y"'], 'A\nB\n'));
  });

  test('do not hide a conflict elsewhere', () => {
    expect(
      mergeText('a.go', go(base, 'a\n'), go([...base, '"x"'], 'b\n'), go([...base, '"y"'], 'c\n')),
    ).toBeUndefined();
  });

  test('are refused when one name would mean two things, or one thing came twice', () => {
    const twice = (ours: string, theirs: string) =>
      mergeText('a.go', go(base), go([...base, ours]), go([...base, theirs]));
    expect(twice('errs "a/errors"', 'errs "b/errors"')).toBeUndefined();
    expect(twice('"a/errors"', '"b/errors"')).toBeUndefined();
    expect(twice('"a/api/v1"', '"b/api/v2"')).toBeUndefined();
    expect(twice('x "a/errors"', 'y "a/errors"')).toBeUndefined();
    expect(twice('_ "y/errors"', '_ "z/errors"')).toBe(go([...base, '_ "y/errors"', '_ "z/errors"']));
  });

  test('are refused when comments differ, or the blocks have nothing in common', () => {
    expect(mergeText('a.go', go(base), go([...base, '"x"']), go([...base, '// y', '"y"']))).toBeUndefined();
    expect(mergeText('a.go', go(['"a"']), go(['"b"']), go(['"c"']))).toBeUndefined();
  });

  test('get a group of their own where the change gave them one', () => {
    expect(mergeText('a.go', go(['"a"', '"b"']), go(['"a"', '"c"']), go(['"a"', '', '"z"', '', '"b"']))).toBe(
      go(['"a"', '"c"', '', '"z"']),
    );
  });

  test('lose a group with its last import', () => {
    expect(
      mergeText(
        'a.go',
        go(['"a"', '"b"', '', '"x"', '"y"']),
        go(['"a"', '"b"', '', '"y"']),
        go(['"a"', '"b"', '"c"']),
      ),
    ).toBe(go(['"a"', '"b"', '"c"']));
  });

  test('of TypeScript and Python take in the lines of both', () => {
    const script = (...names: string[]) => names.map((n) => `import { ${n} } from './${n}.ts';\n`).join('');
    expect(mergeText('a.ts', script('a', 'z'), script('a', 'c', 'z'), script('a', 'b', 'z'))).toBe(
      script('a', 'b', 'c', 'z'),
    );
    expect(mergeText('a.py', 'import a\n', 'import a\nimport c\n', 'import a\nfrom x import y\n')).toBe(
      'import a\nfrom x import y\nimport c\n',
    );
    expect(
      mergeText(
        'a.py',
        'from x import a\nimport b\n',
        'from x import a, b\nimport b\n',
        'from x import a, c\nimport b\n',
      ),
    ).toBeUndefined();
    expect(mergeText('a.rs', 'use a;\n', 'use a;\nuse b;\n', 'use a;\nuse c;\n')).toBeUndefined();
  });
});
