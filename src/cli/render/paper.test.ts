import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean, lengthOf, PLAIN, pair, soonText, toAscii, wrap } from './paper.ts';
import { table } from './table.ts';

describe('text from outside', () => {
  const parts = [
    '\u001b',
    '\u001b[',
    '\u001b]8;;',
    '\u001bP',
    '\u009b',
    '\u0007',
    '\u001b\\',
    '\u202e',
    '\u0085',
    ';',
    '31m',
    'a',
    'é',
  ];
  const hostile = fc.oneof(fc.constantFrom(...parts), fc.string({ unit: 'binary-ascii', maxLength: 2 }));

  test('strings that never end cost no more than their length', () => {
    expect(clean('\u001b]8;;x'.repeat(50_000))).toBe('8;;x'.repeat(50_000));
  });

  test('no text can bring a control or direction character onto a screen', () => {
    fc.assert(
      fc.property(fc.string({ unit: hostile }), (text) => {
        expect(clean({ text: [text] }).text[0]).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  test('escape sequences go whole, letters stay', () => {
    expect(clean('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 Zoë 日本')).toBe(
      'red link Zoë 日本',
    );
    expect(clean('two\r\nlines\tand tabs')).toBe('two lines and tabs');
  });

  test('ASCII is ASCII, one character for one of our symbols', () => {
    expect(toAscii('5 → 210 · ● patched … Zoë 日')).toBe('5 > 210 | * patched ~ Zoe ?');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toAscii(text)).toMatch(/^\p{ASCII}*$/u);
      }),
    );
  });
});

describe('lines', () => {
  test('wrapping loses no word and keeps to the width where words allow', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(words, fc.integer({ min: 24, max: 120 }), (list, width) => {
        const wrapped = wrap(list.join(' '), width);
        expect(wrapped.split(/\s+/)).toEqual(list);
        for (const line of wrapped.split('\n')) expect(lengthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('the second statement stands at column 62, and on its own line where there is no room', () => {
    expect(pair('left', 'right', PLAIN).indexOf('right')).toBe(62);
    expect(pair('left', 'right', { ...PLAIN, width: 60 })).toBe('left\n          right');
    expect(pair('x'.repeat(70), 'right', PLAIN)).toBe(`${'x'.repeat(70)}      right`);
  });

  test('a time within a day needs no date', () => {
    const now = '2026-11-21T20:50:00.000Z';
    expect(soonText('2026-11-22T06:00:00.000Z', now)).toBe('06:00Z');
    expect(soonText('2026-11-22T20:50:00.000Z', now)).toBe('2026-11-22 20:50Z');
  });
});

test('columns line up whatever the cells hold, colour included', () => {
  const lines = table(
    [{ title: 'A' }, { title: 'B' }],
    [
      ['\u001b[31mred\u001b[39m', 'x'],
      ['longer', 'y'],
    ],
    PLAIN,
  );
  expect(lines.map((line) => stripVTControlCharacters(line))).toEqual([
    'A       B',
    'red     x',
    'longer  y',
  ]);
});

describe('a table that is too wide for its paper', () => {
  const columns = [
    { title: 'GATE' },
    { title: 'BY', breaks: true },
    { title: 'AT' },
    { title: 'NOTE' },
  ] as const;
  const MAIL = 'release-engineering-bot@clusters.ci.example.com';
  const of = (by: string, width: number, gate = 'bvt') =>
    table(columns, [[gate, by, '20:00Z', 'all of the 14 tests passed on the four clusters']], {
      ...PLAIN,
      width,
    })
      .join('\n')
      .split('\n')
      .map((line) => line.trimEnd());

  test.each([80, 120])('breaks long names, so that columns stay where they are: %i', (width) => {
    const [head, ...lines] = of(MAIL, width);
    for (const line of [head!, ...lines]) expect(lengthOf(line)).toBeLessThanOrEqual(width);
    const [by, at, note] = ['BY', ' AT', 'NOTE'].map((title) => head!.indexOf(title));
    expect(lines[0]!.indexOf(' 20:00Z')).toBe(at);
    expect(lines[0]!.indexOf('all of')).toBe(note);
    const cells = lines.map((line) => line.slice(by, at! - 1).trim());
    expect(cells.join('')).toBe(MAIL);
  });

  test('leaves names whole that fit, and what is copied always', () => {
    expect(of('quinn', 60)[1]).toMatch(/^bvt {3}quinn {2}20:00Z {2}all of/);
    expect(of(MAIL, 120).join('\n')).toContain(MAIL);
    expect(of('quinn', 40, 'qe-upgrade-from-the-previous-minor')[1]).toContain(
      'qe-upgrade-from-the-previous-minor',
    );
  });

  test('puts what has no room in its last column below the row, whole and with its title', () => {
    const [head, ...lines] = of(MAIL, 50, 'qe-upgrade-previous-minor');
    expect(head).not.toContain('NOTE');
    expect(lines.slice(-2)).toEqual(['    note: all of the 14 tests passed on the four', '    clusters']);
  });

  test('has no line longer than its paper, however many columns it has', () => {
    const cell = fc.stringMatching(/^[a-z][a-z -]{0,30}$/);
    const rows = fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 40, max: 100 }), (list, width) => {
        const titles = ['NAME', 'STATE', 'WHO', 'SINCE', 'MGMT CLUSTER', 'BECAUSE'].map((title) => ({
          title,
        }));
        const lines = table(titles, list, { ...PLAIN, width }).flatMap((line) => line.split('\n'));
        for (const line of lines) expect(lengthOf(line)).toBeLessThanOrEqual(width);
        const said = lines.join(' ').replaceAll(/\s/g, '');
        for (const one of list.flat().filter((text) => text !== '-'))
          expect(said).toContain(one.replaceAll(/\s/g, ''));
      }),
    );
  });
});
