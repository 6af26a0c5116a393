import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OverrideChange } from '../../ports/overrides-file.ts';
import { addOverrides, versionsOfLine } from './index.ts';
import { pullRequestText } from './pull-request.ts';
import { readOverrides } from './read.ts';

const image = (hex: string, name = 'control-plane-operator-4-20') =>
  `quay.io/example/${name}@sha256:${hex.repeat(64).slice(0, 64)}`;
const [A, B] = [image('a'), image('b')];

// Both ways to indent a list, comments everywhere, quotes, and a platform without tests, as the real file has them.
const FILE = `# Top of the file.
platforms:
  azure:
    overrides:
      # Beginning of T-1 overrides 4.20 section
      - version: 4.20.0
        cpoImage: ${A}
      - version: "4.20.1"   # by hand
        cpoImage: '${A}'
      # 4.20.2 does not need an override
      # End of T-1 overrides 4.20 section
    testing:
      latest: quay.io/example/ocp:4.20.5-x86_64
      runTests: true
  aws:
    overrides:
    - version: 4.19.0
      cpoImage: ${A}
    # End of T-0 overrides
# The end.
`;
const change: OverrideChange = {
  platforms: ['azure'],
  line: '4.20',
  versions: ['4.20.1', '4.20.2', '4.20.3'],
  image: B,
  ticket: 'T-2',
};
const always = () => true;
const edit = (
  more: Partial<OverrideChange> = {},
  contains: (a: string, b: string) => boolean | undefined = always,
  text = FILE,
) => addOverrides(text, { ...change, ...more }, contains);
const refusal = (made: ReturnType<typeof edit>) => ('refused' in made ? made.refused : undefined);

test('images of versions that are there are replaced in place, the others added before the tests; nothing else changes', () => {
  expect(edit()).toEqual({
    text: FILE.replace(`cpoImage: '${A}'`, `cpoImage: ${B}`).replace(
      '    testing:\n',
      `      # Beginning of T-2 overrides 4.20 section
      - version: 4.20.2
        cpoImage: ${B}
      - version: 4.20.3
        cpoImage: ${B}
      # End of T-2 overrides 4.20 section
    testing:\n`,
    ),
    added: ['azure 4.20.2', 'azure 4.20.3'],
    replaced: [{ where: 'azure 4.20.1', was: A }],
  });
});

test('a list without tests after it grows after its own comments, as it is indented', () => {
  const made = edit({ platforms: ['aws'], line: '4.19', versions: ['4.19.1'] });
  expect(made).toMatchObject({
    text: FILE.replace(
      '    # End of T-0 overrides\n',
      `    # End of T-0 overrides
    # Beginning of T-2 overrides 4.19 section
    - version: 4.19.1
      cpoImage: ${B}
    # End of T-2 overrides 4.19 section\n`,
    ),
  });
});

test('a file that ends without a line feed, or has carriage returns, keeps its ways', () => {
  const bare = FILE.slice(0, FILE.indexOf('    # End of T-0')).trimEnd();
  expect(edit({ platforms: ['aws'], line: '4.19', versions: ['4.19.1'] }, always, bare)).toMatchObject({
    added: ['aws 4.19.1'],
  });
  const dos = edit({}, always, FILE.replaceAll('\n', '\r\n'));
  if ('refused' in dos) throw new Error(dos.refused);
  expect(dos.text.replaceAll('\r\n', '')).not.toContain('\n');
});

test('doing it again changes nothing', () => {
  const once = edit();
  if ('refused' in once) throw new Error(once.refused);
  expect(edit({}, always, once.text)).toEqual({ text: once.text, added: [], replaced: [] });
});

test.each<[what: string, made: ReturnType<typeof edit>, says: string]>([
  [
    'an image that would be lost',
    edit({}, () => false),
    `the new image does not contain ${A}, which azure 4.20.1 has at line 8: what that one fixes would be lost`,
  ],
  [
    'an image nobody knows',
    edit({}, () => undefined),
    `the new image is not known to contain ${A}, which azure 4.20.1 has at line 8: what that one fixes would be lost`,
  ],
  [
    'an image by tag',
    edit({ image: 'quay.io/x/y:v1' }),
    'image "quay.io/x/y:v1": expected host/path@sha256:… and nothing else',
  ],
  [
    'a version of another line',
    edit({ versions: ['4.21.0'] }),
    'version "4.21.0": expected exact versions of line 4.20',
  ],
  [
    'a version that is none',
    edit({ versions: ['4.20.x'] }),
    'version "4.20.x": expected exact versions of line 4.20',
  ],
  ['no version', edit({ versions: [] }), 'version null: expected exact versions of line 4.20'],
  [
    'a platform HyperShift does not read',
    edit({ platforms: ['gcp' as never] }),
    'platforms ["gcp"]: HyperShift reads overrides of aws and azure alone',
  ],
  [
    'a ticket that would end its comment',
    edit({ ticket: 'T\n- x' }),
    'ticket "T\\n- x": expected letters, digits, spaces, dots and dashes',
  ],
  [
    'no list to add to',
    edit({}, always, 'platforms:\n  aws: {}\n'),
    'the file has no overrides of azure to add to: begin that section by hand',
  ],
  [
    'text that is no YAML',
    edit({}, always, 'platforms: ['),
    'overrides file: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 13:',
  ],
  [
    'another shape',
    edit({}, always, 'platforms: 3'),
    'overrides file: expected a map under the key platforms',
  ],
])('it is refused: %s', (_, made, says) => expect(refusal(made)).toBe(says));

test('a version that is there twice is not guessed about', () => {
  const twice = FILE.replace('version: 4.20.0', 'version: 4.20.1');
  expect(refusal(edit({}, always, twice))).toBe(
    'azure 4.20.1 is there twice, again at line 8: the last one holds; take one out first',
  );
});

test('whatever is added, the file holds it, and every other override as it was', () => {
  const z = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(z, fc.constantFrom('azure', 'aws'), fc.constantFrom('4.19', '4.20'), (zs, platform, line) => {
      const versions = zs.map((n) => `${line}.${n}`);
      const made = edit({ platforms: [platform as 'aws'], line, versions });
      if ('refused' in made) throw new Error(made.refused);
      const [before, after] = [readOverrides(FILE), readOverrides(made.text)];
      if ('fault' in before || 'fault' in after) throw new Error('unreadable');
      const keys = (of: typeof before) =>
        new Map(of.overrides.map((o) => [`${o.platform} ${o.version}`, o.image]));
      const wanted = new Map([...keys(before), ...versions.map((v) => [`${platform} ${v}`, B] as const)]);
      expect(keys(after)).toEqual(wanted);
      for (const comment of FILE.match(/#.*/g)!) expect(made.text).toContain(comment);
    }),
    { numRuns: 100 },
  );
});

test('a line needs every version up to the first that has the fix, those the graph skips too', () => {
  expect(
    versionsOfLine({ line: '4.20', graph: ['4.20.0', '4.20.2', '4.21.9'], nativeFrom: '4.20.5' }),
  ).toEqual({
    versions: ['4.20.0', '4.20.1', '4.20.2', '4.20.3', '4.20.4'],
    skipped: ['4.20.1', '4.20.3', '4.20.4'],
  });
});

test('while nobody knows the first version that has the fix, the gap after the last is told', () => {
  const known = versionsOfLine({ line: '4.20', graph: ['4.20.3', '4.20.1', '4.20.2-rc.1'], first: '4.20.1' });
  expect(known).toMatchObject({
    versions: ['4.20.1', '4.20.2', '4.20.3'],
    warning: expect.stringContaining('4.20.4 has no override'),
  });
  expect(versionsOfLine({ line: '4.20', graph: [] })).toEqual({
    refused: 'line 4.20 has no version from 4.20.0 on that needs the override',
  });
  expect(versionsOfLine({ line: '4.20', graph: [], nativeFrom: '4.21.0' })).toEqual({
    refused: 'version "4.21.0": expected a version of line 4.20',
  });
});

const branch = {
  branch: '4.20',
  platforms: ['azure'],
  versions: ['4.20.0', '4.20.1'],
  image: B,
  commit: 'f0b902e199f7',
  wants: [
    'https://github.com/openshift/hypershift/pull/8593',
    'https://github.com/openshift/hypershift/pull/8565',
  ],
  skipped: ['4.20.1'],
  replacedImages: [A],
  nativeFrom: '4.20.2',
};

test('the pull request carries the contract, a line a branch, and what was replaced', () => {
  const made = pullRequestText({
    ticket: 'T-2',
    about: 'a fix\nbranch: 4.21 wants: x',
    branches: [branch, { ...branch, branch: '4.19' }],
  });
  if ('refused' in made) throw new Error(made.refused);
  // As the reader of the contract takes it: the beginning of a line, outside of code blocks.
  expect(made.body.match(/^branch: .*$/gm)).toEqual([
    `branch: 4.20 wants: ${branch.wants.join(', ')}`,
    `branch: 4.19 wants: ${branch.wants.join(', ')}`,
  ]);
  expect(made.body).not.toContain('```');
  expect(made.body).toContain(`- Replaces, and contains: ${A}`);
  expect(made.body).toContain('- Versions: 4.20.0 to 4.20.1 (2 entries each) on azure');
  expect(made.title).toBe('T-2: override the control-plane-operator for a fix branch: 4.21 wants: x');
});

test('a pull request that the contract could not name is refused', () => {
  expect(pullRequestText({ ticket: 'T', about: 'x', branches: [{ ...branch, wants: ['#12'] }] })).toEqual({
    refused: 'pull request "#12": expected https://github.com/OWNER/REPOSITORY/pull/NUMBER',
  });
  expect(pullRequestText({ ticket: 'T', about: 'x', branches: [{ ...branch, wants: [] }] })).toMatchObject({
    refused: expect.any(String),
  });
});

const real = process.env.FLEETFIX_OVERRIDES_FILE ?? '';
test('a real file takes more versions, and changes nowhere else', (context) => {
  context.skip(!existsSync(real), 'FLEETFIX_OVERRIDES_FILE names no file');
  const text = readFileSync(real, 'utf8');
  const more = { platforms: ['azure', 'aws'], line: '4.17', versions: ['4.17.15', '4.17.19'] } as const;
  const made = edit(more, always, text);
  if ('refused' in made) throw new Error(made.refused);
  const added = made.text.split('\n').filter((line) => !text.split('\n').includes(line));
  expect(made.text.split('\n')).toHaveLength(text.split('\n').length + 12);
  expect(added.every((line) => /4\.17\.1[59]|T-2|example/.test(line))).toBe(true);
});
