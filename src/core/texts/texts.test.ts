// Goal: what is written of a fix comes from its record alone, in templates that people change, and what goes to
// customers gives nobody and nothing away.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ok } from '../base/result.ts';
import { PLACE, storyOf } from '../hand-off/testing.ts';
import { COMPONENT, digestOf, factsOf, planeOf } from '../life/testing.ts';
import { givenAway } from './give-away.ts';
import { makeText } from './make-text.ts';
import { fillTemplate, readTemplate, type Shape, TEXT_MAX, type Values } from './template.ts';
import { TEXT_KINDS, TEXT_SHAPES, type TextKind } from './text-kinds.ts';

const SHAPE: Shape = { name: 'text', none: 'text', lines: { line: 'text' }, empty: { line: 'text' } };
const VALUES: Values = { name: 'N', none: '', lines: [{ line: 'a' }, { line: 'b' }], empty: [] };
const filled = (text: string) => {
  const read = readTemplate(text, SHAPE);
  if (!read.ok) return read.error;
  const made = fillTemplate(read.value, VALUES);
  return made.ok ? made.value : made.error;
};

describe('a template', () => {
  test.each([
    ['x {{name}} {{ name }}', 'x N N\n'],
    ['{{#lines}}{{line}}{{name}} {{/lines}}', 'aN bN\n'],
    ['{{#name}}is{{/name}}{{^name}}is not{{/name}}', 'is\n'],
    ['{{#none}}is{{/none}}{{^none}}is not{{/none}}', 'is not\n'],
    ['{{^empty}}nothing{{/empty}}{{#empty}}{{line}}{{/empty}}', 'nothing\n'],
    ['a\n{{#lines}}\n- {{line}}\n{{/lines}}\nb', 'a\n- a\n- b\nb\n'],
    ['a{{! said }}\n  {{! alone }}\nb', 'a\nb\n'],
    ['{ {name} }', '{ {name} }\n'],
    ['', '\n'],
  ])('%j becomes %j', (text, want) => expect(filled(text)).toBe(want));

  test.each([
    ['a\n{{nam}}', 'line 2: {{nam}} is not known: expected one of name, none, lines, empty'],
    ['{{line}}', 'line 1: {{line}} is not known: expected one of name, none, lines, empty'],
    [
      '{{#lines}}{{nam}}{{/lines}}',
      'line 1: {{nam}} is not known: expected one of line, name, none, lines, empty',
    ],
    ['{{lines}}', 'line 1: {{lines}} is a list: write {{#lines}}…{{/lines}} with one of line in it'],
    ['\n{{#name}}', 'line 2: {{#name}} has no end: write {{/name}} after it'],
    ['{{/name}}', 'line 1: {{/name}} ends what is not open'],
    ['{{#name}}\n{{/none}}', 'line 2: {{/none}} ends what is not open: {{#name}} of line 1 is'],
    ['{{constructor}}', 'line 1: {{constructor}} is not known: expected one of name, none, lines, empty'],
    [
      '{{{name}}}',
      'line 1: {{{name}} is not taken: expected {{name}}, {{#name}}, {{^name}}, {{/name}} or {{! a remark }}',
    ],
    [
      '{{>file}}',
      'line 1: {{>file}} is not taken: expected {{name}}, {{#name}}, {{^name}}, {{/name}} or {{! a remark }}',
    ],
    [
      '{{=<% %>=}}',
      'line 1: {{=<% %>=}} is not taken: expected {{name}}, {{#name}}, {{^name}}, {{/name}} or {{! a remark }}',
    ],
    [
      '{{#lines}}\n{{#name}}{{#lines}}x{{/lines}}{{/name}}{{/lines}}',
      'line 2: {{#lines}} is within itself: a list cannot stand in its own items',
    ],
    ['{{#lines}}{{^lines}}x', 'line 1: {{#lines}} is within itself: a list cannot stand in its own items'],
    [`${'{{#name}}'.repeat(5)}`, 'line 1: {{#name}} is the 5th inside another: expected at most 4'],
  ])('%j is refused: what, where, allowed', (text, want) => expect(filled(text)).toBe(want));

  test('is as long as a text can be, and no longer', () => {
    expect(filled('x'.repeat(65_536))).toHaveLength(65_537);
    expect(filled('x'.repeat(65_537))).toMatch(/65537 characters long: expected at most 65536/);
  });

  test('makes a text of a million characters and no longer', () => {
    const read = readTemplate('{{#lines}}{{line}}{{/lines}}', SHAPE);
    const of = (line: string) => read.ok && fillTemplate(read.value, { lines: [{ line }, { line }] });
    expect(of('x'.repeat(TEXT_MAX / 2))).toMatchObject({ ok: true });
    expect(of('x'.repeat(TEXT_MAX / 2 + 1))).toEqual({
      ok: false,
      error: `the text would have more than ${TEXT_MAX} characters: make it shorter, or take a list out of another`,
    });
  });

  test('makes no more work than a text is worth, even where it writes nothing', () => {
    const shape: Shape = { none: 'text', a: { x: 'text' }, b: { y: 'text' } };
    const read = readTemplate(`{{#a}}{{#b}}${'{{none}}'.repeat(200)}{{/b}}{{/a}}`, shape);
    const many = Array.from({ length: 200 }, () => ({ x: '', y: '' }));
    expect(read.ok && fillTemplate(read.value, { none: '', a: many, b: many })).toEqual({
      ok: false,
      error: 'its lists are gone through more than 1000000 times: take a list out of another',
    });
  });

  // Each took seconds where a pattern begins anew at every sign: so often, the run would not end in its time.
  test.each([
    ['spaces', `${' '.repeat(65_000)}x`],
    ['tabs before a line ends', `${'\t'.repeat(65_000)}x\n`],
    ['signs that open', '{{'.repeat(32_768)],
    ['a tag of spaces', `{{${' '.repeat(65_000)}}}`],
  ])('of %s is read as fast as any', (_, text) => {
    for (let times = 0; times < 200; times += 1) expect(filled(text).length).toBeLessThan(65_600);
  });

  test('a value is never read as a template', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '#', '/', 'n') }), (value) => {
        const read = readTemplate('<{{name}}>', { name: 'text' });
        expect(read.ok && fillTemplate(read.value, { name: value })).toEqual(ok(`<${value}>\n`));
      }),
    );
  });

  test('whatever is written in one, it is filled or refused in a sentence', () => {
    const piece = fc.constantFrom('{{', '}}', '#', '/', '^', '!', 'name', 'lines', 'line', '\n', ' ', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = readTemplate(pieces.join(''), SHAPE);
        if (read.ok) expect(filled(pieces.join(''))).toMatch(/\n$/);
        else expect(read.error).toMatch(/^line \d+: \{\{/);
      }),
      { numRuns: 500 },
    );
  });
});

const shipped = (kind: TextKind) =>
  readFileSync(new URL(`../../../templates/${kind}.md`, import.meta.url), 'utf8');
const FACTS = factsOf({
  component: COMPONENT,
  fleet: [
    planeOf('cp-7f3a', { customer: 'acme-prod', managementCluster: 'mc-eu-3' }),
    planeOf('b', { customer: 'Big Bank Ltd' }),
    planeOf('c', { customer: 'R&D Labs' }),
    planeOf('d', { customer: 'Öko' }),
    planeOf('e', { customer: 'A_B Corp' }),
  ],
});
const made = (kind: TextKind, { text = shipped(kind), story = storyOf() } = {}) =>
  makeText({
    fix: story.fix,
    facts: FACTS,
    place: PLACE,
    repository: 'ssh://git@git.corp.example/cpo.git',
    kind,
    template: { text, from: 'shipped' },
    now: story.now,
  });
const textOf = (...asked: Parameters<typeof made>): string => {
  const it = made(...asked);
  return it.ok ? it.value.text : it.error.detail;
};

describe.each(TEXT_KINDS)('the %s', (kind) => {
  test('from the shipped template', async () => {
    await expect(textOf(kind)).toMatchFileSnapshot(`fixtures/${kind}.md`);
  });

  test('says what it holds for: the fix, its version and the images', () => {
    const it = made(kind);
    expect(it).toMatchObject({
      ok: true,
      value: { fix: 'FIX-1', kind, images: [{ line: '4.19.1', digest: digestOf('second build') }] },
    });
    expect(textOf(kind)).toContain(digestOf('second build'));
  });

  test('shows hostile words of people as text', () => {
    const words = '<script>x</script> [a](javascript:b)\n# head {{fix}}';
    const text = textOf(kind, { story: storyOf({ title: words, reason: words, symptom: words }) });
    expect(text).not.toMatch(/<script|[^\\]\]\(|^# head/m);
  });

  test('of a fix without an image is refused', () => {
    const story = storyOf();
    const fix = { ...story.fix, lines: { '4.20.1': story.fix.lines['4.20.1']! } };
    expect(made(kind, { story: { ...story, fix } })).toMatchObject({
      ok: false,
      error: { code: 'wrong-state' },
    });
  });
});

describe('what customers read', () => {
  test.each(['title', 'reason', 'symptom', 'incident', 'author', 'owners', 'passengers'])(
    'cannot hold {{%s}}, which nobody has read for what it gives away',
    (name) => {
      expect(textOf('customer-notice', { text: `{{${name}}}` })).toBe(
        `template of the customer-notice: line 1: {{${name}}} is not known: expected one of ${Object.keys(TEXT_SHAPES['customer-notice']).join(', ')}`,
      );
    },
  );

  test.each([
    ['ACME-Prod', 'a customer (acme-prod)'],
    ['for Big  Bank Ltd and', 'a customer (Big Bank Ltd)'],
    ['for Big\nBank **Ltd** and', 'a customer (Big Bank Ltd)'],
    ['for\n\n> Big\n> Bank&nbsp;Ltd', 'a customer (Big Bank Ltd)'],
    ['see https://bigbankltd.example', 'a customer (Big Bank Ltd)'],
    ['a big, bankable plan', undefined],
    ['see acme-prod.com', 'a customer (acme-prod)'],
    ['see acme-prod-1.example.com', 'a customer (acme-prod)'],
    ['see acme-prod-canary', 'a customer (acme-prod)'],
    ['see ACME_PROD_EU', 'a customer (acme-prod)'],
    ['see ac**me**-prod', 'a customer (acme-prod)'],
    ['see [ac](https://x.example)me-prod', 'a customer (acme-prod)'],
    ['see ac<!-- -->me-<b>prod</b>', 'a customer (acme-prod)'],
    ['see [it](https://acme-prod.example)', 'a customer (acme-prod)'],
    ['see <!-- acme-prod -->', 'a customer (acme-prod)'],
    ['see &#97;cme-prod', 'a customer (acme-prod)'],
    ['see &#x61;cme&hyphen;prod', 'a customer (acme-prod)'],
    ['see ac&ZeroWidthSpace;me-prod', 'a customer (acme-prod)'],
    ['see a\u200bc\u2060m\u00ade-prod', 'a customer (acme-prod)'],
    ['see a\u0301cme-prod', 'a customer (acme-prod)'],
    ['see ａｃｍｅ-prod', 'a customer (acme-prod)'],
    ['for R&D Labs', 'a customer (R&D Labs)'],
    ['for R&amp;D Labs', 'a customer (R&D Labs)'],
    ['for R\\&D Labs', 'a customer (R&D Labs)'],
    ['for Öko', 'a customer (Öko)'],
    ['for O\u0308ko', 'a customer (Öko)'],
    ['for &Ouml;ko', 'a customer (Öko)'],
    ['for A_B Corp', 'a customer (A_B Corp)'],
    ['for A&lowbar;B Corp', 'a customer (A_B Corp)'],
    ['for &acme;', 'an unknown sign (&acme;)'],
    ['ana_eu', 'a person or team (ana)'],
    ['mail ana@example.com', 'a person or team (ana), an e-mail address (ana@example.com)'],
    ['mail joe.doe@example.com.', 'an e-mail address (joe.doe@example.com)'],
    ['mail joe&#64;example.com', 'an e-mail address (joe@example.com)'],
    ['the team-cpo-leads', 'a person or team (team-cpo)'],
    ['for big bank ltd and', 'a customer (Big Bank Ltd)'],
    ['on cp-7f3a.', 'a control plane or management cluster (cp-7f3a)'],
    ['on mc-eu-3', 'a control plane or management cluster (mc-eu-3)'],
    ['ask ana', 'a person or team (ana)'],
    ['ask bob', 'a person or team (bob)'],
    ['ask team-cpo', 'a person or team (team-cpo)'],
    ['pull registry.example/fixes/cpo', 'a host (registry.example)'],
    ['see https://GIT.corp.example/x', 'a host (git.corp.example)'],
    ['hub.fleet.svc', 'a host (hub.fleet.svc)'],
    ['10.0.0.12', 'a host (10.0.0.12)'],
    ['It is at 10.0.0.12.', 'a host (10.0.0.12)'],
    ['at https://10.0.0.12:443/x', 'a host (10.0.0.12)'],
    ['at 10&period;0.0[.]12', 'a host (10.0.0.12)'],
    ['It is at fd00::12.', 'a host (fd00::12)'],
    ['at [FD00::12]:443', 'a host (fd00::12)'],
    ['at ::1, or', 'a host (::1)'],
    ['at fd00:0:0:1:2:3:4:5: now', 'a host (fd00:0:0:1:2:3:4:5)'],
    ['in fd00::/8', 'a host (fd00::)'],
    ['It is hub.fleet.svc.', 'a host (hub.fleet.svc)'],
    ['at 20:00:00, std::vector, sha256:ab12, a :: b', undefined],
    ['release 1.2.3.4.5', undefined],
    ['release 4.19.1 and banana, by fleetfix', undefined],
  ])('%j names %s', (text, what) => {
    const said = textOf('customer-notice', { text });
    if (what === undefined) expect(said).toBe(`${text}\n`);
    else expect(said).toContain(`the customer notice would name ${what}: expected nobody and no place`);
  });

  test('names of any fleet are found wherever they stand', () => {
    const name = fc.stringMatching(/^[a-z]{3,8}-[0-9]{1,3}$/);
    fc.assert(
      fc.property(name, fc.constantFrom(' ', '\n', '(', '*', '“', ','), (customer, sign) => {
        const about = { fix: storyOf().fix, place: PLACE, repository: '/srv/cpo' };
        const facts = factsOf({ fleet: [planeOf('p', { customer })] });
        const found = (text: string) => givenAway(text, { ...about, facts }).map(({ found: one }) => one);
        expect(found(`for${sign}${customer}${sign}today`)).toContain(customer);
        expect(found(`x${customer}y`)).toContain(customer);
        const [letters, digits] = customer.split('-');
        expect(found(`${letters}${sign}\u200b${digits}`)).toContain(customer);
        expect(found(`${letters}. ${digits}9`.replace(/^./, '$& '))).not.toContain(customer);
      }),
    );
  });

  test('a short name is looked for as a word of its own', () => {
    const about = { fix: storyOf().fix, place: PLACE, repository: '/srv/cpo' };
    const facts = factsOf({ fleet: [planeOf('mc-7', { customer: 'Ivy', managementCluster: 'unknown' })] });
    const found = (text: string) => givenAway(text, { ...about, facts }).map(({ found: one }) => one);
    expect(found('ivy and (MC-7), ivy.example')).toEqual(['Ivy', 'mc-7']);
    expect(found('divya, mc-71, mc7, unknown')).toEqual([]);
  });

  describe('a harmless word that a name is a part of', () => {
    const FLEET = [planeOf('p', { customer: 'ment' }), planeOf('q', { customer: 'Big Bank' })];
    const noticeOf = (text: string, words: readonly string[] = [], kind: TextKind = 'customer-notice') => {
      const made = makeText({
        ...{
          fix: storyOf().fix,
          facts: factsOf({ fleet: FLEET }),
          place: PLACE,
          repository: '/srv/cpo',
          kind,
        },
        ...{ template: { text, from: 'given' }, now: storyOf().now },
        allowed: words.map((word) => ({ word, by: 'quinn' })),
      });
      return made.ok ? made.value : made.error.detail;
    };

    test('is refused, and named as what may be allowed', () => {
      expect(noticeOf('Your environment, a payment')).toBe(
        'the customer notice would name a customer (ment): expected nobody and no place. Take it out of the template, ' +
          'or allow words that name nobody, each by itself: environment, payment (--allow WORD)',
      );
    });

    test('is let through once a person has allowed that very word, and the text says who did', () => {
      expect(noticeOf('Your **Environment**', ['environment'])).toMatchObject({
        text: 'Your **Environment**\n',
        allowed: [{ word: 'environment', by: 'quinn' }],
      });
      expect(noticeOf('Your environment', ['Environment'])).toHaveProperty('text');
      expect(noticeOf('no name in it')).not.toHaveProperty('allowed');
    });

    test.each([
      ['the name itself', 'Your environment is of ment', ['environment'], 'ment'],
      ['another word with it', 'Your environment, a payment', ['environment'], 'ment'],
      ['a longer word', 'Your environments', ['environment'], 'ment'],
      ['the word in two', 'Your environ-ment', ['environment'], 'ment'],
      ['a name of two words, of which one is allowed', 'for Big Bank', ['big', 'bank'], 'Big Bank'],
      ['the same glued together', 'for bigbank', ['big', 'bank'], 'Big Bank'],
      [
        'a host of such a word',
        'at environment.svc.local',
        ['environment', 'svc', 'local'],
        'environment.svc.local',
      ],
      [
        'an address of such a word',
        'environment@example.com',
        ['environment', 'example'],
        'environment@example.com',
      ],
      ['a word that is a name and one that is none', 'an ment', ['environment'], 'ment'],
      [
        'a host of such a word with a port',
        'http://environment:8080/',
        ['environment'],
        'ment in http://environment:8080/',
      ],
      ['the same without //', 'at environment:8080', ['environment'], 'ment in environment:8080'],
      [
        'a host with it somewhere',
        'see (docs.environment.example)',
        ['environment'],
        'ment in docs.environment.example',
      ],
      [
        'what comes after a host',
        'docs.example/environment',
        ['environment'],
        'ment in docs.example/environment',
      ],
      [
        'what comes after a host, in brackets',
        'https://docs.example/a(environment)',
        ['environment'],
        'ment in https://docs.example/a(environment)',
      ],
      ['a link to it', '[Your environment](environment)', ['environment'], 'ment in environment'],
      ['a link to it elsewhere', '[a][b] [b]: environment', ['environment'], 'ment in environment'],
      ['a link to it in HTML', "<a href='environment'>a</a>", ['environment'], 'ment in environment'],
      ['a link to it in signs', '[a](<environment>)', ['environment'], 'ment in environment'],
      ['a path of it', 'GET /environment', ['environment'], 'ment in /environment'],
      ['an address in one place', 'environment@acmes', ['environment'], 'ment in environment@acmes'],
    ])('lets nothing else through: %s', (_what, text, words, named) =>
      expect(noticeOf(text, words)).toContain(`(${named})`),
    );

    test.each([
      ['**Your environment**, [environment](https://docs.example/a) (environment): "environment".'],
      ['payment/environment; environment, at 20:00'],
    ])('is let through next to an address: %j', (text) =>
      expect(noticeOf(text, ['environment', 'payment'])).toHaveProperty('text'),
    );

    test.each([
      ['ment', 'ment'],
      ['MENT', 'ment'],
      ['m\u00e9nt', 'ment'],
      ['\uff4d\uff45\uff4e\uff54', 'ment'],
      ['bigbank', 'Big Bank'],
      ['BigBank', 'Big Bank'],
    ])('is not the name itself: %j is refused, whatever the text', (word, name) =>
      expect(noticeOf('Your environment', ['environment', word])).toBe(
        `${JSON.stringify(word)} cannot be allowed: it is the name of a customer (${name})`,
      ),
    );

    test('a name that ends beyond the text is not in it', () => {
      const fleet = ['ment', 'mentor'].map((customer) => planeOf(customer, { customer }));
      const about = { fix: storyOf().fix, place: PLACE, repository: '/srv/cpo' };
      const facts = factsOf({ fleet });
      const found = givenAway('your environment', { ...about, facts, allowed: ['environment'] });
      expect(found).toEqual([]);
    });

    test.each(['', '\u0301', 'a b', 'acme-prod', '*', 'x'.repeat(81)])('is one word: %j is refused', (word) =>
      expect(noticeOf('Your environment', [word])).toMatch(/cannot be allowed: expected one word/),
    );

    test('is asked for in a customer notice alone', () =>
      expect(noticeOf('x', ['environment'], 'enablement')).toMatch(/allowed in a customer notice alone/));
  });

  test('a digest of the fix names nobody, whatever letters are in it', () => {
    const digest = digestOf('second build');
    const about = { fix: storyOf().fix, place: PLACE, repository: '/srv/cpo' };
    const facts = factsOf({ fleet: [planeOf('p', { customer: digest.slice(10, 14) })] });
    expect(givenAway(`image ${digest}`, { ...about, facts })).toEqual([]);
    expect(givenAway(`image x${digest.slice(7)}`, { ...about, facts })).not.toEqual([]);
  });

  test.each([
    ['hosts', 'a-'],
    ['remarks', '<!--'],
    ['links', ']('],
    ['tags', '<a'],
    ['addresses', 'fd00:'],
    ['numbers', '1.'],
    ['mail', 'a@'],
    ['entities', '&a'],
    ['the beginning of a name', 'acme'],
    ['links with //', 'a://'],
    ['a scheme', 'a+'],
    ['what a link leads to', ']: '],
  ])('much that begins like %s hides nothing that follows', (_, piece) => {
    const text = piece.repeat(Math.floor(60_000 / piece.length));
    const about = { fix: storyOf().fix, place: PLACE, repository: '/srv/cpo' };
    const fleet = Array.from({ length: 100 }, (_, at) =>
      planeOf(`acme-${'acme'.repeat(at % 50)}-x${at}`, {}),
    );
    const found = givenAway(`${text} hub.fleet.svc`, { ...about, facts: factsOf({ fleet }) });
    expect(found).toContainEqual({ what: 'a host', found: 'hub.fleet.svc' });
  });
});
