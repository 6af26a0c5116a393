// Goal: whoever tests a fix is told all of it, of the right image, on a page that no text of a person can break.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitOf, digestOf, fixImage, minute } from '../life/testing.ts';
import { toHtml } from './document-html.ts';
import { toMarkdown } from './document-markdown.ts';
import { handOffDocument } from './hand-off-document.ts';
import { handOffTests } from './hand-off-tests.ts';
import { backOf, clusterWith, pulledAs } from './how-to.ts';
import { earlierImages } from './make-hand-off.ts';
import { cutText, markdownCode, markdownText, plainText, shellWord, TITLE_MAX, WORDS_MAX } from './plain.ts';
import { handOffOf, PLACE, SELECTION, storyOf } from './testing.ts';

const pages = (story = storyOf()) => {
  const page = handOffDocument(handOffOf(story));
  return { html: toHtml(page), markdown: toMarkdown(page) };
};
const SECOND = digestOf('second build');

describe('a hand-off', () => {
  const it = handOffOf();
  const line = it.lines[0]!;

  test('names what is to be tested by digest, and nothing else', () => {
    expect(it.images).toEqual([{ line: '4.19.1', digest: SECOND }]);
    expect(line.image).toBe(`registry.example/fixes/cpo@${SECOND}`);
    expect(it.lines[1]).toMatchObject({ line: '4.20.1', outcome: 'contained', gates: [], build: 'none' });
    expect(it.lines[1]).not.toHaveProperty('digest');
    expect(it.lines[1]).not.toHaveProperty('cluster');
  });

  test('tells an image that a line had before from the one it has', () => {
    expect(line.earlier.map(({ digest }) => digest)).toEqual([fixImage('FIX-1', '4.19.1').digest]);
    expect(handOffOf(storyOf()).lines[1]!.earlier).toEqual([]);
    const rows = storyOf().rows;
    expect(earlierImages(rows, '4.19.1', undefined).map(({ digest }) => digest)).toEqual([
      SECOND,
      fixImage('FIX-1', '4.19.1').digest,
    ]);
  });

  test('has every gate as it stands on this image, and how a verdict on it is given', () => {
    const state = Object.fromEntries(line.gates.map(({ gate, state }) => [gate, state]));
    expect(state).toEqual({ bvt: 'met', smoke: 'missing', perf: 'waived' });
    expect(line.gates.find(({ gate }) => gate === 'smoke')?.verdict).toEqual({
      by: 'qe',
      command: `fleetfix attest FIX-1 --check smoke --line 4.19.1 --digest ${SECOND} --result pass --note TEXT`,
    });
    expect(line.gates.find(({ gate }) => gate === 'perf')?.waiver).toMatchObject({
      by: 'bob',
      reason: 'the lab is down',
    });
    expect(line.gates.find(({ gate }) => gate === 'bvt')).not.toHaveProperty('verdict');
  });

  test('asks for no verdict that the state of the fix refuses', () => {
    const story = storyOf();
    const closed = { as: 'done', by: 'eve', at: minute(9) };
    const over = handOffOf({ ...story, fix: { ...story.fix, state: 'closed', closed } });
    expect(over.lines[0]!.gates.filter(({ verdict }) => verdict)).toEqual([]);
  });

  test('has the files, commits, passengers and carried fixes, and no patch', () => {
    expect(line.deployed?.files).toEqual([
      { path: 'pkg/watch/watch.go', did: 'modified', class: 'code', isBinary: false, added: 3, removed: 1 },
    ]);
    expect(line.deployed?.commands[0]).toBe('fleetfix diff FIX-1 --line 4.19.1');
    expect(line.commits).toMatchObject([{ commit: commitOf('c2'), source: commitOf('c1'), pullRequest: 12 }]);
    expect(line.passengers).toMatchObject([{ subject: 'split defrag' }]);
    expect(line.carries).toEqual([{ fix: 'FIX-9', title: 'earlier one' }]);
    expect(JSON.stringify(it)).not.toContain('secret');
  });

  test('says who is asked for what', () => {
    expect(it.contacts).toEqual([
      { for: 'component cpo', who: 'team-cpo' },
      { for: 'the change', who: 'ana' },
      { for: 'verdicts on smoke', who: 'role qe' },
      { for: 'verdicts on scope', who: 'role approver' },
      { for: 'approval of the plan', who: '1 of role approver, not ana' },
      { for: 'pause and rollback', who: 'roles operator and on-call' },
    ]);
  });

  test('says why something is not known', () => {
    const { markdown } = ((page) => ({ markdown: toMarkdown(page) }))(
      handOffDocument(handOffOf(storyOf(), { read: false })),
    );
    expect(markdown).toContain('**Not known**: the repository is away');
    expect(markdown).not.toContain('nothing but the change');
  });

  test('cuts long lists and counts what is cut', () => {
    const tests = Array.from({ length: 301 }, () => SELECTION.tests[0]!);
    const notCovered = Array.from({ length: 205 }, (_, at) => ({ path: `f${at}`, because: 'x' }));
    expect(handOffTests({ ...SELECTION, tests, notCovered }, undefined)).toMatchObject({
      testsLeftOut: 1,
      notCoveredLeftOut: 5,
    });
  });
});

test('how it is taken back is what can be done now', () => {
  const { fix } = storyOf();
  const commands = (over: object) => backOf({ ...fix, ...over }).steps.map(({ command }) => command);
  const rollout = { plan: 'P-00000000', targets: {} };
  expect(commands({})).toEqual(['fleetfix withdraw FIX-1 --reason TEXT']);
  expect(commands({ rollout })).toEqual([
    'fleetfix pause FIX-1',
    'fleetfix rollback FIX-1 --target NAME --reason TEXT',
    'fleetfix rollback FIX-1 --reason TEXT',
  ]);
  expect(commands({ rollout: { ...rollout, endedAt: minute(9) } })).not.toContain('fleetfix pause FIX-1');
  expect(commands({ rollout, closed: { as: 'done', by: 'eve', at: minute(9) } })).toEqual([]);
});

describe('how one cluster gets the image', () => {
  const asked = {
    fix: 'FIX-1',
    component: 'cpo',
    digest: SECOND,
    versions: ['4.19.1'],
    perManagementCluster: false,
  } as const;

  test.each(['annotation', 'image-overrides', 'workload-image'])('by %s names it by digest', (lever) => {
    const { text, steps } = clusterWith({ ...PLACE, levers: ['overrides-file', lever] }, asked);
    expect(text).toContain('that one cluster alone');
    expect(steps.some(({ command }) => command.includes(`@${SECOND}`))).toBe(true);
    expect(steps.at(-1)?.what).toMatch(/^take it off/);
  });

  test('says where all of a management cluster depend on it, and where it cannot be', () => {
    expect(clusterWith(PLACE, { ...asked, perManagementCluster: true }).text).toContain(
      'all control planes there',
    );
    expect(clusterWith({ ...PLACE, levers: ['overrides-file'] }, asked)).toMatchObject({ steps: [] });
  });
});

test('a tag or digest in the configured repository never names the image', () => {
  const digest = digestOf('x');
  const want = `r.example:5000/a/b@${digest}`;
  for (const image of [
    'r.example:5000/a/b',
    'r.example:5000/a/b:latest',
    `r.example:5000/a/b@${digestOf('y')}`,
  ])
    expect(pulledAs(image, digest)).toBe(want);
});

describe('the page', () => {
  test('as Markdown', async () => {
    await expect(pages().markdown).toMatchFileSnapshot('fixtures/hand-off.md');
  });

  test('as HTML', async () => {
    await expect(pages().html).toMatchFileSnapshot('fixtures/hand-off.html');
  });

  test('loads nothing and runs nothing', () => {
    const { html } = pages();
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|url\(|@import|https?:/i);
    expect(html).toContain("default-src 'none'");
  });

  const HOSTILE = [
    '<script>alert(1)</script>',
    '</title><script>x</script>',
    '"><img src=x onerror=alert(1)>',
    '[click](javascript:alert(1)) ![x](https://evil.example/x.png)',
    '# not a heading\n\n- nor a list\n<b>nor bold</b>',
    '`code` **bold** \u202egnp.exe\u001b[31m',
  ];

  test.each(HOSTILE)('shows the title %j as text', (title) => {
    const { html, markdown } = pages(storyOf({ title, reason: title, symptom: title }));
    expect(html).not.toMatch(/<script|<img|<b>/i);
    expect(html.match(/<title>/g)).toHaveLength(1);
    expect(markdown).not.toMatch(/<script|<img|<b>|\n\n- nor|[^\\]\]\(|https:\/\//i);
    for (const sign of ['\u202e', '\u001b'])
      for (const text of [html, markdown]) expect(text).not.toContain(sign);
  });
});

describe('a text of a million characters', () => {
  const long = 'x'.repeat(1_000_000);

  test('is cut in the hand-off and on its pages, with a sign that it is', () => {
    const it = handOffOf(storyOf({ title: long, reason: long, symptom: long, incident: long }), {
      subject: long,
    });
    expect(it.title).toBe(`${'x'.repeat(TITLE_MAX - 1)}…`);
    expect(it.reason).toBe(`${'x'.repeat(WORDS_MAX - 1)}…`);
    expect(it.lines[0]!.commits[0]!.subject).toBe(it.title);
    expect(it.lines[0]!.passengers[0]!.subject).toBe(it.title);
    const page = handOffDocument(it);
    for (const written of [JSON.stringify(it), toHtml(page), toMarkdown(page)])
      expect(written.length).toBeLessThan(40_000);
  });

  test('is never cut within a character', () => {
    expect(cutText('ab😀', 4)).toBe('ab😀');
    expect(cutText('ab😀d', 4)).toBe('ab…');
    expect(cutText('ab😀de', 5)).toBe('ab😀…');
  });
});

test.each(['\u061c', '\u180e', '\u{e0041}', '\u{e0001}', '\u{e0020}', '\ufff9', '\u2063', '\u202e'])(
  'the character %j, which nobody sees, is on no page',
  (sign) => {
    expect(plainText(`a${sign}b`)).toBe('a b');
    const { html, markdown } = pages(storyOf({ title: `a${sign}b` }));
    for (const text of [html, markdown]) expect(text).not.toContain(sign);
  },
);

test.each([
  ['see www.evil.example', 'see www&#46;evil.example'],
  ['(WWW.evil.example', '(WWW&#46;evil.example'],
  ['_www.evil.example', '\\_www&#46;evil.example'],
  ['https://www.evil.example', 'https:&#47;&#47;www&#46;evil.example'],
  ['www is wide', 'www is wide'],
])('%j is no link in Markdown', (text, want) => expect(markdownText(text)).toBe(want));

test('a line that is called like a command is one word of a command', () => {
  expect(shellWord('4.19.1')).toBe('4.19.1');
  expect(shellWord("a'; rm -rf ~ $(x)\n`y`")).toBe("'a'\\''; rm -rf ~ $(x) `y`'");
});

describe('whatever is in a fix', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });

  test('every digest and every command of the hand-off is on the page', () => {
    const built = fc.array(fc.tuple(fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(text, built, (title, builds) => {
        const story = storyOf({ title });
        const it = handOffOf(story);
        const lines = it.lines.flatMap((line) =>
          builds.map(([name, isNew]) => ({
            ...line,
            line: `l${name}`,
            ...(line.digest && { digest: digestOf(`${name}`) }),
            earlier: isNew ? [{ digest: digestOf(`old ${name}`), builtAt: minute(1) }] : [],
          })),
        );
        const images = lines.flatMap(({ line, digest }) => (digest ? [{ line, digest }] : []));
        const page = handOffDocument({ ...it, lines, images });
        const said = [
          ...images.map(({ digest }) => digest),
          ...lines.flatMap(({ earlier }) => earlier.map(({ digest }) => digest)),
        ];
        for (const written of [toHtml(page), toMarkdown(page)])
          for (const digest of said) expect(written).toContain(digest);
      }),
      { numRuns: 50 },
    );
  });

  test('no text of a person is markup', () => {
    const plain = toHtml(handOffDocument(handOffOf(storyOf({ title: 't' })))).match(/<[a-z/!][^>]*>/g);
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom('<i>', '&lt;', '<!--', ']]>')), (title) => {
        const html = toHtml(handOffDocument(handOffOf(storyOf({ title }))));
        expect(html.match(/<[a-z/!][^>]*>/g)).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });

  test('text in Markdown holds no HTML and no bare mark', () => {
    fc.assert(
      fc.property(text, (value) => {
        const written = markdownText(value);
        expect(written.replace(/\\[\\`*_{}[\]#|~!=+-]|\\[.)]/g, '')).not.toMatch(/[<>`*_[\]|~]/);
        expect(written).not.toMatch(/[\n\r]/);
      }),
    );
  });

  test('code in Markdown ends where it should', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n'), minLength: 1 }), (value) => {
        const written = markdownCode(value);
        if (written === '') return;
        const fence = /^`+/.exec(written)![0];
        expect(written.endsWith(fence)).toBe(true);
        expect(written.slice(fence.length, -fence.length).match(/`+/g) ?? []).not.toContain(fence);
      }),
    );
  });
});
