// Goal: each sign is found in a candidate that shows it, and is silent one step beside it. Method: three trees of
// a real repository are written out: what the change was made on, the line, and the candidate. The candidate is
// what git makes of them, written by hand where that says more.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestSource } from '../../../ports/repository.contract.ts';
import { createDiffer, type Differ } from '../objects/differ.ts';
import { gitAt } from '../objects/git.ts';
import { createTrees, type ObjectSource } from '../objects/trees.ts';
import { createTestSource } from '../test-source.ts';
import { signsOf } from './signs.ts';

type Files = Readonly<Record<string, string>>;

let source: Awaited<ReturnType<typeof createTestSource>>;
let store: ObjectSource;
let differ: Differ;
beforeAll(async () => {
  source = await createTestSource();
  store = objectsAt(source.location);
  differ = createDiffer(gitAt(source.location));
});
afterAll(async () => {
  differ.close();
  await source.dispose();
});

const treesOf = (objects: ObjectSource) =>
  createTrees(objects, async (from, to) => (await differ.diff(from, to))!);

/** Reads a repository with one process an object: slow, and the same as the store in all else. */
function objectsAt(dir: string): ObjectSource {
  const git = gitAt(dir);
  const find = async (id: string) => {
    const asked = await git.run(['cat-file', '-t', id]);
    if (asked.code !== 0) return undefined;
    return { id, type: asked.stdout.toString('latin1').trim(), size: 0 };
  };
  return {
    idBytes: 20,
    find,
    async read(id) {
      const found = await find(id);
      return found && { ...found, body: await git.read(['cat-file', found.type, id]) };
    },
  };
}

let branches = 0;
async function treeOf(files: Files): Promise<string> {
  branches += 1;
  const commit: Parameters<TestSource['commit']>[0] = { on: `t${branches}`, message: 'Tree', files };
  const id = await source.commit(commit);
  return (await source.git('rev-parse', `${id}^{tree}`)).trim();
}

const MOD: Files = { 'go.mod': 'module example.com/m\n\ngo 1.22\n\nrequire k8s.io/api v0.1.0\n' };

/** `from` → `to` is the change where it was made; `before` → `after` what picking it did to the line. */
async function signs(trees: { from: Files; to: Files; before: Files; after: Files }): Promise<string[]> {
  const [from, to, before, after] = await Promise.all(
    [trees.from, trees.to, trees.before, trees.after].map((files) => treeOf({ ...MOD, ...files })),
  );
  const steps = [{ source: 'c'.repeat(40), delta: { from: from!, to: to! } }];
  return signsOf({ ...store, trees: treesOf(store) }, { before: before!, after: after!, steps });
}

const go = (...lines: string[]) => `package a\n\n${lines.join('\n')}\n`;
const OLD = go('func Use() {', '}');

describe('an import', () => {
  const NEW = go('import "example.com/m/pod"', '', 'func Use() {', '\tpod.Find()', '}');
  const POD = { 'pod/pod.go': 'package pod\n\nfunc Find() {}\n' };

  test('of a package that the line has not is a sign', async () => {
    const found = await signs({
      from: { 'a/a.go': OLD, ...POD },
      to: { 'a/a.go': NEW, ...POD },
      before: { 'a/a.go': OLD },
      after: { 'a/a.go': NEW },
    });
    expect(found).toEqual(['a/a.go:3 imports example.com/m/pod, which is not on the line']);
  });

  test('of a package that the line has is none', async () => {
    const trees = { from: { 'a/a.go': OLD, ...POD }, to: { 'a/a.go': NEW, ...POD } };
    expect(await signs({ ...trees, before: trees.from, after: trees.to })).toEqual([]);
  });

  test.each([
    ['that is not vendored there', 'vendor/modules.txt', 1],
    ['when nothing is vendored and go.mod names its module', 'none.txt', 0],
  ])('of another module is a sign %s', async (_, path, count) => {
    const uses = go('import "k8s.io/api/v9"', '', 'func Use() {', '\tapi.Do()', '}');
    const vendor: Files = path.startsWith('vendor') ? { 'vendor/k8s.io/api/v9/x.go': 'package api\n' } : {};
    const found = await signs({
      from: { 'a/a.go': OLD, [path]: '', ...vendor },
      to: { 'a/a.go': uses, [path]: '', ...vendor },
      before: { 'a/a.go': OLD, [path]: '' },
      after: { 'a/a.go': uses, [path]: '' },
    });
    expect(found).toHaveLength(count);
  });

  test('of a module that the line does not require is a sign', async () => {
    const uses = go('import "new.io/x"', '', 'func Use() {', '\tx.Do()', '}');
    const mod = { 'go.mod': 'module example.com/m\n\nrequire new.io/x v1.0.0\n' };
    const found = await signs({
      from: { 'a/a.go': OLD, ...mod },
      to: { 'a/a.go': uses, ...mod },
      before: { 'a/a.go': OLD },
      after: { 'a/a.go': uses },
    });
    expect(found).toEqual(['a/a.go:3 imports new.io/x, which is not on the line']);
  });

  test('that stands there twice is a sign, and under two names is none', async () => {
    const body = ['', 'func Use() {', '\tfmt.Print()', '\tout.Print()', '}'];
    const before = go('import "fmt"', ...body);
    const twice = (alias: string) => go(`import ${alias}"fmt"`, 'import "fmt"', ...body);
    const trees = { from: { 'a/a.go': OLD }, to: { 'a/a.go': before }, before: { 'a/a.go': before } };
    expect(await signs({ ...trees, after: { 'a/a.go': twice('') } })).toEqual([
      'a/a.go:4 imports fmt a second time: the line has it on line 3',
    ]);
    expect(await signs({ ...trees, after: { 'a/a.go': twice('out ') } })).toEqual([]);
  });

  test('that only the source has a use for is a sign', async () => {
    const both = go('import "fmt"', '', 'func Use() {', '}', '', 'func Other() {', '\tfmt.Print()', '}');
    const found = await signs({
      from: { 'a/a.go': both.replace('import "fmt"', '').replace('fmt.Print()', '') },
      to: { 'a/a.go': both },
      before: { 'a/a.go': OLD },
      after: { 'a/a.go': go('import "fmt"', '', 'func Use() {', '}') },
    });
    expect(found).toEqual(['a/a.go:3 imports fmt, and nothing in the file uses it']);
  });

  test('that the line gives another name, or has not, is a sign where it is used', async () => {
    const at = (head: string, name: string) => go(head, '', 'func Use() {', `\t${name}.Find()`, '}');
    const line = go('import p "example.com/m/pod"', '', 'func Use() {', '\tp.Old()', '}');
    const found = await signs({
      from: { 'a/a.go': OLD, ...POD },
      to: { 'a/a.go': at('import "example.com/m/pod"', 'pod'), ...POD },
      before: { 'a/a.go': line, ...POD },
      after: { 'a/a.go': at('import p "example.com/m/pod"', 'pod'), ...POD },
    });
    expect(found).toEqual(['a/a.go:6 uses pod.Find, but the file imports example.com/m/pod as p']);
    const own = go('import p "example.com/m/pod"', '', 'func Use(pod p.Pod) {', '\tpod.Find()', '}');
    expect(
      await signs({
        from: { 'a/a.go': OLD, ...POD },
        to: { 'a/a.go': at('import "example.com/m/pod"', 'pod'), ...POD },
        before: { 'a/a.go': line, ...POD },
        after: { 'a/a.go': own, ...POD },
      }),
    ).toEqual([]);
  });
});

describe('a name that the change uses', () => {
  const TEST = go('func TestUse(t *T) {', '\tnewFake(1)', '}');
  const FAKE = { 'a/fake_test.go': go('func newFake(n int) {}') };

  test('and that its package has only at the source is a sign: a helper of tests', async () => {
    const found = await signs({
      from: { 'a/a_test.go': OLD, ...FAKE },
      to: { 'a/a_test.go': TEST, ...FAKE },
      before: { 'a/a_test.go': OLD },
      after: { 'a/a_test.go': TEST },
    });
    expect(found).toEqual(['a/a_test.go:4 uses newFake, which is not on the line']);
  });

  test.each([
    ['in the same file', { 'a/fake_test.go': go('func newFake(n int) {}') }],
    ['in another file', { 'a/more_test.go': go('var newFake = func(n int) {}') }],
    ['in a group', { 'a/more_test.go': go('var (', '\tx, newFake = 1, func(n int) {}', ')') }],
  ])('is none when the line declares it %s', async (_, there) => {
    const found = await signs({
      from: { 'a/a_test.go': OLD, ...FAKE },
      to: { 'a/a_test.go': TEST, ...FAKE },
      before: { 'a/a_test.go': OLD, ...there },
      after: { 'a/a_test.go': TEST, ...there },
    });
    expect(found).toEqual([]);
  });

  test('is none when the piece makes it itself, and when the line used it before', async () => {
    const own = go('func TestUse(t *T) {', '\tnewFake := func(n int) {}', '\tnewFake(1)', '}');
    const trees = { from: { 'a/a_test.go': OLD, ...FAKE }, to: { 'a/a_test.go': TEST, ...FAKE } };
    expect(await signs({ ...trees, before: { 'a/a_test.go': OLD }, after: { 'a/a_test.go': own } })).toEqual(
      [],
    );
    const used = go('func TestOld(t *T) {', '\tnewFake(1)', '}');
    const both = `${used}\n${TEST.slice(TEST.indexOf('func'))}`;
    expect(
      await signs({ ...trees, before: { 'a/a_test.go': used }, after: { 'a/a_test.go': both } }),
    ).toEqual([]);
  });

  test('in another package of the repository is a sign by its name there', async () => {
    const uses = go('import "example.com/m/pod"', '', 'func Use() {', '\tpod.Find()', '}');
    const line = go('import "example.com/m/pod"', '', 'func Use() {', '\tpod.Old()', '}');
    const found = await signs({
      from: { 'a/a.go': line, 'pod/pod.go': 'package pod\n\nfunc Old() {}\nfunc Find() {}\n' },
      to: { 'a/a.go': uses, 'pod/pod.go': 'package pod\n\nfunc Old() {}\nfunc Find() {}\n' },
      before: { 'a/a.go': line, 'pod/pod.go': 'package pod\n\nfunc Old() {}\n' },
      after: { 'a/a.go': uses, 'pod/pod.go': 'package pod\n\nfunc Old() {}\n' },
    });
    expect(found).toEqual(['a/a.go:6 uses pod.Find, which is not on the line']);
  });

  test('and that takes other parameters on the line is a sign when the call does not fit', async () => {
    const uses = (args: string) => go('func Use() {', `\tFind(${args})`, '}');
    const find = (params: string) => ({ 'a/find.go': go(`func Find(${params}) {}`) });
    const trees = (params: string) => ({
      from: { 'a/a.go': OLD, ...find('a, b int') },
      to: { 'a/a.go': uses('1, 2'), ...find('a, b int') },
      before: { 'a/a.go': OLD, ...find(params) },
      after: { 'a/a.go': uses('1, 2'), ...find(params) },
    });
    expect(await signs(trees('a int'))).toEqual([
      'a/a.go:4 calls Find with 2 arguments; on the line it takes 1',
    ]);
    expect(await signs(trees('a ...int'))).toEqual([]);
    expect(await signs(trees('a, b string'))).toEqual([]);
  });
});

describe('a caller that only the line has', () => {
  const find = (params: string) => ({ 'pod/pod.go': `package pod\n\nfunc Find(${params}) {}\n` });
  const caller = (args: string) => ({
    'b/b.go': `package b\n\nimport "example.com/m/pod"\n\nfunc B() {\n\tpod.Find(${args})\n}\n`,
  });

  test('is a sign when the change alters the parameters', async () => {
    const found = await signs({
      from: find('a int'),
      to: find('a, b int'),
      before: { ...find('a int'), ...caller('1') },
      after: { ...find('a, b int'), ...caller('1') },
    });
    expect(found).toEqual(['b/b.go:6 calls Find with one argument; after the change it takes 2']);
  });

  test('is a sign when only a type changes, and none when the source calls it in the same words', async () => {
    const line = {
      before: { ...find('a int'), ...caller('x') },
      after: { ...find('a []int'), ...caller('x') },
    };
    expect(await signs({ from: find('a int'), to: find('a []int'), ...line })).toEqual([
      'b/b.go:6 calls Find, whose parameters the change alters, and is not adapted to it',
    ]);
    const same = `${caller('x')['b/b.go']}\nfunc More() {}\n`;
    expect(
      await signs({
        from: { ...find('a int'), 'b/b.go': same },
        to: { ...find('a []int'), 'b/b.go': same },
        ...line,
      }),
    ).toEqual([]);
  });

  test('is none when parameters only get other names', async () => {
    const found = await signs({
      from: find('a int'),
      to: find('b int'),
      before: { ...find('a int'), ...caller('1') },
      after: { ...find('b int'), ...caller('1') },
    });
    expect(found).toEqual([]);
  });

  test('is a sign when the change takes the name away, in the package and outside', async () => {
    const gone = { 'pod/pod.go': 'package pod\n' };
    const near = { 'pod/near.go': 'package pod\n\nfunc near() {\n\tFind(1)\n}\n' };
    const found = await signs({
      from: find('a int'),
      to: gone,
      before: { ...find('a int'), ...caller('1'), ...near },
      after: { ...gone, ...caller('1'), ...near },
    });
    expect(found.sort()).toEqual([
      'b/b.go:6 uses Find, which the change takes away',
      'pod/near.go:4 uses Find, which the change takes away',
    ]);
  });

  test('of an unexported method is a sign', async () => {
    const pod = (params: string) => ({ 'a/pod.go': go('type P int', `func (p P) find(${params}) {}`) });
    const near = { 'a/near.go': go('func near(p P) {', '\tp.find(1)', '}') };
    const found = await signs({
      from: pod('a int'),
      to: pod('a, b int'),
      before: { ...pod('a int'), ...near },
      after: { ...pod('a, b int'), ...near },
    });
    expect(found).toEqual(['a/near.go:4 calls find with one argument; after the change it takes 2']);
  });
});

describe('a name declared twice', () => {
  const TEST = go('func TestIt(t *T) {}');
  const change = { from: { 'a/a_test.go': OLD }, to: { 'a/a_test.go': TEST } };

  test('in one package is a sign: a part of the change is there under another commit', async () => {
    const there = { 'a/old_test.go': TEST };
    expect(
      await signs({
        ...change,
        before: { 'a/a_test.go': OLD, ...there },
        after: { 'a/a_test.go': TEST, ...there },
      }),
    ).toEqual(['a/a_test.go:3 declares TestIt a second time: the line has it in old_test.go']);
  });

  test('in one file is a sign', async () => {
    const found = await signs({
      ...change,
      before: { 'a/a_test.go': TEST },
      after: { 'a/a_test.go': `${TEST}\nfunc TestIt(t *T) {}\n` },
    });
    expect(found).toEqual(['a/a_test.go:5 declares TestIt a second time: the line has it in the same file']);
  });

  test.each([
    ['for another platform', 'a/a_linux_test.go', TEST],
    ['under a build constraint', 'a/old_test.go', `//go:build e2e\n\n${TEST}`],
    ['in the package of outer tests', 'a/old_test.go', TEST.replace('package a', 'package a_test')],
    ['as a method', 'a/old_test.go', go('func (s S) TestIt(t *T) {}')],
  ])('is none %s', async (_, path, text) => {
    expect(
      await signs({
        ...change,
        before: { 'a/a_test.go': OLD, [path]: text },
        after: { 'a/a_test.go': TEST, [path]: text },
      }),
    ).toEqual([]);
  });
});

test('signs are at most ten, and say how many more there are', async () => {
  const names = Array.from({ length: 15 }, (_, i) => `fake${i}`);
  const uses = go('func Use() {', ...names.map((name) => `\t${name}()`), '}');
  const fakes = { 'a/fake.go': go(...names.map((name) => `func ${name}() {}`)) };
  const found = await signs({
    from: { 'a/a.go': OLD, ...fakes },
    to: { 'a/a.go': uses, ...fakes },
    before: { 'a/a.go': OLD },
    after: { 'a/a.go': uses },
  });
  expect(found).toHaveLength(10);
  expect(found.at(-1)).toBe('6 more signs of this kind');
});

test('a change that reaches more files than are read has the signs found so far, and says that there may be more', async () => {
  const uses = go('func Use() {', '\tfake()', '}');
  const many = (text: string) =>
    Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`b/f${i}.go`, `package b\n\n// ${text} ${i}\n`]),
    );
  const fake = { 'a/fake.go': go('func fake() {}'), 'b/old.go': 'package b\n\nfunc Old() {}\n' };
  const found = await signs({
    from: { 'a/a.go': OLD, ...fake, ...many('one') },
    to: { 'a/a.go': uses, ...fake, ...many('one'), 'b/old.go': 'package b\n' },
    before: { 'a/a.go': OLD, 'b/old.go': fake['b/old.go'], ...many('two') },
    after: { 'a/a.go': uses, 'b/old.go': 'package b\n', ...many('two') },
  });
  expect(found).toEqual([
    'a/a.go:4 uses fake, which is not on the line',
    'the change reaches far: signs that it may not compile were looked for in a part of the files only',
  ]);
});

test('there is no sign where a part of the repository cannot be read', async () => {
  const [from, to] = await Promise.all([
    treeOf({ 'a/a.go': OLD }),
    treeOf({ 'a/a.go': go('func Other() {}') }),
  ]);
  const lacking: ObjectSource = { ...store, read: async (id) => (id === to ? undefined : store.read(id)) };
  const steps = [{ source: 'c'.repeat(40), delta: { from, to } }];
  expect(await signsOf({ ...lacking, trees: treesOf(lacking) }, { before: from, after: to, steps })).toEqual(
    [],
  );
});
