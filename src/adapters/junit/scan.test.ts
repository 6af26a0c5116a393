// Goal: a report read in pieces is what it is in one, and what another parser makes of it.
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { createScanner, ScanFault } from './scan.ts';

type Seen = { opened: [string, Record<string, string>][]; closed: string[]; text: string };

function scan(pieces: readonly string[], tagCharsMax = 10_000): Seen | string {
  const seen: Seen = { opened: [], closed: [], text: '' };
  const scanner = createScanner(
    {
      open: (name, attributes) => void seen.opened.push([name, Object.fromEntries(attributes)]),
      close: (name) => void seen.closed.push(name),
      text: (piece) => {
        seen.text += piece;
      },
    },
    { depthMax: 20, tagCharsMax, tagsMax: 200 },
  );
  try {
    for (const piece of pieces) scanner.write(piece);
    scanner.end();
    return seen;
  } catch (problem) {
    if (problem instanceof ScanFault) return problem.message;
    throw problem;
  }
}

/** The text cut where the numbers say. */
function cutAt(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
}

const word = fc.stringMatching(/^[a-z_][a-z0-9.-]{0,6}$/);
const value = fc.string({ unit: fc.constantFrom(...'abcß &;#<>\n\u001b'), maxLength: 12 });
const attributes = fc.dictionary(word, value, { maxKeys: 3 });
const node = fc.letrec<{ node: string; element: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.stringMatching(/^[a-z &;>\]]{0,9}$/),
    fc.constant('<![CDATA[ <x> ]] &amp; ]]>'),
    fc.constant('<!-- <!DOCTYPE x> -- ->-->'),
    fc.constant('<?php <a> ?>'),
    tie('element'),
  ),
  element: fc
    .tuple(word, attributes, fc.array(tie('node'), { maxLength: 4 }), fc.boolean())
    .map(([name, given, below, isShort]) => {
      const all = Object.entries(given).map(([key, text]) => ` ${key} =\n"${text}"`);
      return isShort && below.length === 0
        ? `<${name}${all.join('')} />`
        : `<${name}${all.join('')}>${below.join('')}</${name} >`;
    }),
}));

it('in whatever pieces a document comes, the same is told', () => {
  fc.assert(
    fc.property(node.element, fc.array(fc.nat(), { maxLength: 12 }), (text, places) => {
      expect(scan(cutAt(text, places))).toEqual(scan([text]));
    }),
  );
});

it('in whatever pieces a fault comes, it is the same', () => {
  const faults = fc.constantFrom(
    '</x>',
    '<a b="1" b="2"/>',
    '<!DOCTYPE x>',
    '<1>',
    '<a b>',
    '<a',
    '<!-- ',
    '</',
    '<a/><a/>',
  );
  fc.assert(
    fc.property(
      node.element,
      faults,
      fc.nat(),
      fc.array(fc.nat(), { maxLength: 9 }),
      (text, fault, at, places) => {
        const place = at % (text.length + 1);
        const broken = text.slice(0, place) + fault + text.slice(place);
        expect(scan(cutAt(broken, places))).toEqual(scan([broken]));
      },
    ),
  );
});

it('elements and attributes are those that another parser finds', () => {
  const other = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    processEntities: false,
    parseAttributeValue: false,
    trimValues: false,
  });
  const flat = (nodes: readonly Record<string, unknown>[]): [string, Record<string, string>][] =>
    nodes.flatMap((one) => {
      const name = Object.keys(one).find((key) => key !== ':@' && key !== '#text');
      if (name === undefined || name.startsWith('?')) return [];
      return [
        [name, { ...((one[':@'] as Record<string, string>) ?? {}) }],
        ...flat(one[name] as Record<string, unknown>[]),
      ] as [string, Record<string, string>][];
    });
  // It takes `<` in a value as the next tag, which we do not.
  const plain = node.element.filter(
    (text) => !/"[^"]*[<>][^"]*"/.test(text) && !text.includes('<!') && !text.includes('<?'),
  );
  fc.assert(
    fc.property(plain, (text) => {
      const seen = scan([text]);
      if (typeof seen === 'string') throw new Error(seen);
      expect(seen.opened).toEqual(flat(other.parse(text)));
    }),
  );
});

it.each([
  ['a & before a tag, a quote and the end', '<a b="x &" c="&#38"><d e="&;"/>&</a>', 'a d', '&'],
  ['an entity that nobody knows', '<a>&nbsp;&lt;<d/></a>', 'a d', '&nbsp;&lt;'],
  ['a character that XML cannot have', '<a>\0\uffff&\u001b</a>', 'a', '\u001a\uffff&\u001b'],
  ['a remark with -- in it', '<a><!-- a -- b & <c> --><d/></a>', 'a d', ''],
])('%s hides nothing that follows', (_, text, elements, said) => {
  const seen = scan([text]);
  if (typeof seen === 'string') throw new Error(seen);
  expect(seen.opened.map(([name]) => name).join(' ')).toBe(elements);
  expect(seen.text).toBe(said);
});

it('a text of nothing but & comes whole, with signs of any size and halves of one in it', () => {
  const text = `${'&'.repeat(70_000)}Ā\u0126\u2600😀${'&x'.repeat(70_000)}\ud83d&\ude00`;
  const seen = scan([`<a b="${text}">${text}</a>`], 1_000_000);
  if (typeof seen === 'string') throw new Error(seen);
  expect(seen.text === text).toBe(true);
  expect(seen.opened[0]![1].b === text).toBe(true);
});

it('values of attributes come as they are written', () => {
  expect(scan(['<a b="x &" c=\'&#38 "&amp;<\' hasOwnProperty=""/>'])).toMatchObject({
    opened: [['a', { b: 'x &', c: '&#38 "&amp;<', hasOwnProperty: '' }]],
  });
});

it('a tag without an end is not kept for ever', () => {
  const pieces = ['<a b="', ...Array.from({ length: 40 }, () => 'x'.repeat(1_000))];
  expect(scan(pieces)).toBe('line 1, column 1: a tag has more than 10000 characters');
  expect(scan(['<a>\n', ...pieces.with(0, '<!--')])).toBe(
    'line 2, column 1: a tag has more than 10000 characters',
  );
});

it('a remark of nothing but -- is not gone through for ever', () => {
  expect(scan([`<a><!-- ${'-- '.repeat(1_001)}--></a>`])).toBe('line 1, column 3011: Malformed comment');
  expect(scan([`<a><!-- ${'-- '.repeat(999)}--></a>`])).toMatchObject({ closed: ['a'] });
});

it('a long text is told piece by piece', () => {
  const seen: string[] = [];
  const scanner = createScanner(
    { open: () => {}, close: () => {}, text: (piece) => void seen.push(piece) },
    { depthMax: 20, tagCharsMax: 10, tagsMax: 200 },
  );
  for (const piece of ['<a>', 'x'.repeat(100), '<![CDATA[', 'y'.repeat(100), 'z']) scanner.write(piece);
  expect(seen.map((piece) => piece.length)).toEqual([100, 100, 1]);
});

it.each([
  ['<a>\n <b>\n  </c>', 'line 3, column 3: expected </b>'],
  ['<a/></a>', 'line 1, column 5: </a> closes nothing'],
  ['<a/>x', 'line 1, column 5: text after the root element'],
  ['x<a/>', 'line 1, column 1: text before the root element'],
  ['', 'it is empty'],
  ['<a><', 'it ends in the middle: an element is never closed'],
  ['<a b=1/>', 'line 1, column 6: Unquoted attribute value'],
  ['<a b="1"c="2"/>', 'line 1, column 9: No whitespace between attributes'],
  ['<a>'.repeat(21), 'line 1, column 61: elements are nested deeper than 20'],
  ['<a>'.concat('<b/>'.repeat(200)), 'it has more than 200 tags'],
  ['<!ELEMENT a>', 'line 1, column 1: a DOCTYPE or other declaration is not allowed'],
  ['<a>\n<![cdata[<b/>]]></a>', 'line 2, column 1: CDATA is written in capitals'],
  ['<![CDATA[x]]><a/>', 'line 1, column 1: text before the root element'],
  ['<?xml <a/>', 'line 1, column 1: this processing instruction never ends'],
  ['<a b="1" b="2"/>', 'line 1, column 14: attribute b is there twice'],
  [
    '<a hasOwnProperty="1" b="2" hasOwnProperty=""/>',
    'line 1, column 45: attribute hasOwnProperty is there twice',
  ],
  ['<a __proto__="1" __proto__="1"/>', 'line 1, column 30: attribute __proto__ is there twice'],
  ['<a>\n< b/></a>', 'line 2, column 1: expected the name of an element after <'],
  ['<a>\n<!-- x ---><b/><!-- y --></a>', 'line 2, column 10: Malformed comment'],
  ['<a><?x ??><b/><?y?></a>', 'line 1, column 4: this processing instruction ends with ??>'],
  ['<?x?>\n<!DOCTYPE a [<!ENTITY b "c">', 'line 2, column 1: a DOCTYPE or other declaration is not allowed'],
  ['<a><!-- x\n', 'line 1, column 4: this comment never ends'],
])('%j: %s', (text, fault) => {
  expect(scan([text])).toBe(fault);
});
