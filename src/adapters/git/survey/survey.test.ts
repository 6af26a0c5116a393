import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { costsOf, lostOf, passengersOf } from '../../../core/assembly/survey.ts';
import { SourceProblem, type Surveyed } from '../../../ports/repository.ts';
import { gitAt } from '../objects/git.ts';
import { createTestSource } from '../test-source.ts';
import { survey } from './survey.ts';

type Source = Awaited<ReturnType<typeof createTestSource>>;
const sources: Source[] = [];

async function newSource(): Promise<Source> {
  const source = await createTestSource();
  sources.push(source);
  return source;
}

afterEach(async () => {
  for (const source of sources.splice(0)) await source.dispose();
});

const look = (source: Source, commits: readonly string[], paths: readonly string[] = ['cmd/op']) =>
  survey({ git: gitAt(source.location) }, { commits, paths });

const go = (name: string, ...imports: string[]) =>
  `package ${name}\n${imports.map((path) => `import _ "${path}"\n`).join('')}`;

/** A component with a library, a replaced module, an embedded folder and a vendored package; and things it has not. */
const FILES = {
  'go.mod': 'module example.com/m\n\nreplace example.com/m/api => ./api\n',
  'api/go.mod': 'module example.com/m/api\n',
  'api/v1/types.go': go('v1'),
  'api/v2/types.go': go('v2'),
  'cmd/op/main.go': go('main', 'fmt', 'example.com/m/lib', 'example.com/m/api/v1', 'dep.io/a/x'),
  'cmd/op/main_test.go': go('main', 'example.com/m/other'),
  'cmd/cli/main.go': go('main', 'example.com/m/other'),
  'lib/lib.go': `package lib\nimport _ "embed"\n//go:embed assets\nvar a string\n`,
  'lib/assets/a.yaml': 'a: 1\n',
  'lib/README.md': 'hello\n',
  'other/other.go': go('other'),
  'vendor/dep.io/a/x/x.go': go('x', 'dep.io/b'),
  'vendor/dep.io/b/b.go': go('b'),
  'vendor/dep.io/c/c.go': go('c'),
};

/** Commits that each change one file, by the file; the message is the file. */
const touching = (on: string, ...paths: string[]) =>
  paths.map((path, i) => ({
    on,
    message: path,
    files: { [path]: `${(FILES as Record<string, string>)[path] ?? ''}// ${on} ${i}\n` },
  }));

const subjects = (found: Surveyed, base: number, line: number) =>
  passengersOf(found, { base, line }).map(({ subject }) => subject);

describe('passengers', () => {
  test('are the commits that change what the component is built from', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    const paths = Object.keys(FILES).filter((path) => path !== 'go.mod' && path !== 'api/go.mod');
    const tip = (
      await source.commits(touching('main', ...paths, 'cmd/op/Dockerfile', 'lib/assets/b.yaml'))
    ).at(-1)!;
    const found = await look(source, [old, tip]);
    expect(subjects(found, 1, 0).sort()).toEqual([
      'api/v1/types.go',
      'cmd/op/Dockerfile',
      'cmd/op/main.go',
      'lib/assets/a.yaml',
      'lib/assets/b.yaml',
      'lib/lib.go',
      'vendor/dep.io/a/x/x.go',
      'vendor/dep.io/b/b.go',
    ]);
    expect(costsOf(found)).toEqual([
      [0, Number.POSITIVE_INFINITY],
      [8, 0],
    ]);
    expect(found.lines[0]!.packages).toEqual([
      'api/v1',
      'cmd/op',
      'lib',
      'vendor/dep.io/a/x',
      'vendor/dep.io/b',
    ]);
    expect(found.warnings).toEqual([]);
  });

  test('are counted one by one when they came by a merge, and the merge is none', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    const side = (
      await source.commits(
        touching('side', 'lib/lib.go', 'other/other.go', 'cmd/op/main.go').map((c, i) =>
          i === 0 ? { ...c, from: old } : c,
        ),
      )
    ).at(-1)!;
    const tip = await source.commit({
      on: 'main',
      message: 'Merge',
      merge: [side],
      files: {
        'lib/lib.go': 'package lib // merged\n',
        'cmd/op/main.go': `${FILES['cmd/op/main.go']}// merged\n`,
      },
    });
    expect(subjects(await look(source, [old, tip]), 1, 0)).toEqual(['cmd/op/main.go', 'lib/lib.go']);
  });

  test('follow the imports of the base: what it does not import yet is none', async () => {
    const source = await newSource();
    const a = await source.commit({ on: 'main', message: 'first', files: FILES });
    const [b, c] = await source.commits([
      { on: 'main', message: 'other first', files: { 'other/other.go': `${go('other')}// 1\n` } },
      { on: 'main', message: 'use it', files: { 'lib/lib.go': go('lib', 'example.com/m/other') } },
    ]);
    const found = await look(source, [a, b!, c!]);
    expect(subjects(found, 1, 0)).toEqual([]);
    expect(subjects(found, 2, 0)).toEqual(['use it', 'other first']);
    expect(costsOf(found)[0]).toEqual([0, 0, Number.POSITIVE_INFINITY]);
  });

  test('are weighed by the files and lines that count', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    const tip = await source.commit({
      on: 'main',
      message: 'mixed',
      files: {
        'lib/lib.go': `${FILES['lib/lib.go']}// one\n`,
        'lib/assets/a.yaml': Buffer.from([0, 1, 2]),
        'other/other.go': 'package other\n\n\n',
        'cmd/op/x\ny.go': 'package main\n\n',
      },
    });
    const found = await look(source, [old, tip]);
    // One line more in lib.go, the embedded file becomes binary, and a new file has two lines.
    expect(await found.weigh([tip], 1)).toEqual({ files: 3, lines: 3 });
    expect(await found.weigh([], 1)).toEqual({ files: 0, lines: 0 });
  });
});

describe('a base that lacks a commit of a line', () => {
  test('may not serve it, unless the commit does not count', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    const [hot] = await source.commits([{ ...touching('hot', 'lib/lib.go')[0]!, from: old }]);
    const [docs] = await source.commits([{ ...touching('docs', 'lib/README.md')[0]!, from: old }]);
    const [tip] = await source.commits(touching('main', 'cmd/op/main.go'));
    const found = await look(source, [hot!, docs!, tip!]);
    expect(lostOf(found, { base: 2, line: 0 }).map((one) => one.commit)).toEqual([hot]);
    expect(costsOf(found)).toEqual([
      [0, 1, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 1, 0],
    ]);
  });

  test('may not, also when the commit counts for the line alone', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    // The hot-fix is in a package that the newer commit does not import any more.
    const [hot] = await source.commits([{ ...touching('hot', 'vendor/dep.io/b/b.go')[0]!, from: old }]);
    const tip = await source.commit({
      on: 'main',
      message: 'no dep',
      files: { 'cmd/op/main.go': go('main') },
    });
    const found = await look(source, [hot!, tip]);
    expect(lostOf(found, { base: 1, line: 0 }).map((one) => one.commit)).toEqual([hot]);
  });

  test('has nothing in common with a history of another root', async () => {
    const source = await newSource();
    const one = await source.commit({ on: 'main', message: 'first', files: FILES });
    const two = await source.commit({ on: 'elsewhere', message: 'another first', files: FILES });
    const found = await look(source, [one, two]);
    expect(costsOf(found)).toEqual([
      [0, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 0],
    ]);
  });
});

describe('what a component is built from', () => {
  const packagesOf = async (files: Record<string, string>, path: string) => {
    const source = await newSource();
    const only = await source.commit({ on: 'main', message: 'first', files });
    return (await look(source, [only], [path])).lines[0]!.packages;
  };

  test('is found through a workspace', async () => {
    const files = {
      'go.work': 'go 1.26\nuse (\n\t./app\n\t./lib\n)\n',
      'app/go.mod': 'module example.com/app\n',
      'app/main.go': go('main', 'example.com/lib/x'),
      'lib/go.mod': 'module example.com/lib\n',
      'lib/x/x.go': go('x'),
    };
    expect(await packagesOf(files, 'app')).toEqual(['app', 'lib/x']);
    const { 'go.work': _, ...apart } = files;
    expect(await packagesOf(apart, 'app')).toEqual(['app']);
  });

  test('is the vendored copy of a nested module that is not replaced', async () => {
    const files = {
      'go.mod': 'module example.com/m\n',
      'main.go': go('main', 'example.com/m/sub/x'),
      'sub/go.mod': 'module example.com/m/sub\n',
      'sub/x/x.go': go('x'),
      'vendor/example.com/m/sub/x/x.go': go('x'),
    };
    expect(await packagesOf(files, 'main.go')).toEqual(['', 'vendor/example.com/m/sub/x']);
  });

  test('is read through symbolic links, and circles of imports and links do no harm', async () => {
    const source = await newSource();
    const only = await source.commit({
      on: 'main',
      message: 'first',
      files: {
        'go.mod': 'module example.com/m\n',
        'op/main.go': go('main', 'dep.io/a', 'dep.io/loop'),
        'staging/a/a.go': go('a', 'example.com/m/op'),
        'vendor/dep.io/a': { mode: '120000', content: '../../staging/a' },
        'vendor/dep.io/loop': { mode: '120000', content: 'loop' },
      },
    });
    expect((await look(source, [only], ['op'])).lines[0]!.packages).toEqual(['op', 'staging/a']);
  });

  test('is its paths alone when there is no Go, tests too', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: { 'ui/a.ts': '1', 'b.ts': '1' } });
    const tip = (await source.commits(touching('main', 'ui/a.ts', 'ui/a_test.go.md', 'b.ts'))).at(-1)!;
    const found = await look(source, [old, tip], ['./ui/']);
    expect(subjects(found, 1, 0)).toEqual(['ui/a_test.go.md', 'ui/a.ts']);
    expect(found.lines[1]!.packages).toEqual([]);
  });

  test('includes go.mod where dependencies are not in the repository', async () => {
    const source = await newSource();
    const files = { 'go.mod': 'module example.com/m\n', 'op/main.go': go('main', 'dep.io/a') };
    const old = await source.commit({ on: 'main', message: 'first', files });
    const tip = (await source.commits(touching('main', 'go.sum', 'go.mod', 'x.md'))).at(-1)!;
    expect(subjects(await look(source, [old, tip], ['op']), 1, 0)).toEqual(['go.mod', 'go.sum']);
  });
});

describe('what cannot be read', () => {
  test('is said with its name: commits, paths', async () => {
    const source = await newSource();
    const only = await source.commit({ on: 'main', message: 'first', files: FILES });
    await expect(look(source, [only, 'f'.repeat(40)])).rejects.toThrow(
      /commit f{40} is not in the repository/,
    );
    await expect(look(source, [only], ['nowhere'])).rejects.toThrow(
      /path "nowhere" is at none of the 1 commits/,
    );
    await expect(look(source, [only], ['../x'])).rejects.toThrow(/does not lie in the repository/);
    await expect(look(source, [only], ['/cmd'])).rejects.toThrow(SourceProblem);
  });

  test('is a warning when a path is missing at some of the commits', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: { 'a.md': '' } });
    const tip = await source.commit({ on: 'main', message: 'second', files: FILES });
    const found = await look(source, [old, tip]);
    expect(found.warnings).toEqual([`path "cmd/op" is not there at ${old.slice(0, 12)}`]);
    expect(subjects(found, 1, 0)).toEqual(['second']);
  });

  const withoutObject = async (source: Source, at: string) => {
    const id = (await source.git('rev-parse', `main:${at}`)).trim();
    await rm(join(source.location, 'objects', id.slice(0, 2), id.slice(2)));
  };

  test('is a warning for a vendored file that a partial clone lacks, and its lines are not counted', async () => {
    const source = await newSource();
    const old = await source.commit({ on: 'main', message: 'first', files: FILES });
    const tip = (await source.commits(touching('main', 'vendor/dep.io/a/x/x.go', 'lib/lib.go'))).at(-1)!;
    await withoutObject(source, 'vendor/dep.io/a/x/x.go');
    const found = await look(source, [old, tip]);
    expect(found.warnings).toEqual([
      '1 vendored Go files are missing (vendor/dep.io/a/x/x.go): what they import is not followed',
    ]);
    const commits = passengersOf(found, { base: 1, line: 0 }).map((one) => one.commit);
    expect(await found.weigh(commits, 1)).toEqual({ files: 2, lines: 1 });
  });

  test('is refused for a file of the component itself', async () => {
    const source = await newSource();
    const only = await source.commit({ on: 'main', message: 'first', files: FILES });
    await withoutObject(source, 'lib/lib.go');
    await expect(look(source, [only])).rejects.toThrow(/lib\/lib\.go is missing in the repository/);
  });

  test('is refused for a folder that a partial clone lacks', async () => {
    const source = await newSource();
    const only = await source.commit({ on: 'main', message: 'first', files: FILES });
    await withoutObject(source, 'vendor/dep.io');
    await expect(look(source, [only])).rejects.toThrow(/is missing or damaged.*whole clone/);
  });
});
