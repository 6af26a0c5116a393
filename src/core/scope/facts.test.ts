// Goal: what speaks for a feature is found at its place, and what is only moved, private or vendored is not.
import { describe, expect, test } from 'vitest';
import { factsOf } from './facts.ts';
import { changeOf } from './test-change.ts';

type Files = Parameters<typeof changeOf>[0];
const seen = (files: Files) =>
  factsOf(changeOf(files)).sightings.map(
    ({ signal, path, line, what }) => `${signal} ${path}${line === undefined ? '' : `:${line}`} ${what}`,
  );

const go = (...lines: string[]) => `package a\n\n${lines.join('\n')}\n`;

describe('Go', () => {
  test('a line inside a function that was there is no signal', () => {
    const files: Files = {
      'a/a.go': [go('func Run() {', '\tstart()', '}'), go('func Run() {', '\tstart()', '\tstop()', '}')],
    };
    expect(seen(files)).toEqual([]);
    expect(factsOf(changeOf(files)).inside).toEqual({ existing: 1, elsewhere: 0 });
    expect(factsOf(changeOf(files)).altered.map(({ key }) => key)).toEqual(['Run']);
  });

  test('new exported functions, types and methods are told with their line; private ones are not', () => {
    const now = go(
      'type Pod struct{}',
      'func (p *Pod) Start() {}',
      'func (p *Pod) stop() {}',
      'func Make() {}',
    );
    expect(seen({ 'a/a.go': [go('type Pod struct{}'), now] })).toEqual([
      'exported-api a/a.go:4 new method Pod.Start',
      'exported-api a/a.go:6 new func Make',
    ]);
  });

  test('exported names of a program are no API', () => {
    expect(seen({ 'cmd/main.go': ['package main\n', 'package main\n\nfunc Run() {}\n'] })).toEqual([]);
  });

  test('a function that moved to another file of its package is not new', () => {
    const func = 'func Make() int { return 1 }';
    expect(
      seen({
        'a/a.go': [go(func, 'var x = 1'), go('var x = 1')],
        'a/b.go': [go('var y = 1'), go('var y = 1', func)],
      }),
    ).toEqual([]);
  });

  test('a changed signature says what it was; a renamed parameter is none', () => {
    expect(
      seen({ 'a/a.go': [go('func Run(a int) error {}'), go('func Run(a int, b string) error {}')] }),
    ).toEqual(['changed-signature a/a.go:3 Run was (int) error, is (int, string) error']);
    expect(seen({ 'a/a.go': [go('func Run(a int) {}'), go('func Run(b int) {}')] })).toEqual([]);
  });

  test('a new field with a JSON name in an API package is a field of the API, elsewhere an exported name', () => {
    const before = go('type Spec struct {', '\tName string `json:"name"`', '}');
    const now = go(
      'type Spec struct {',
      '\tName string `json:"name"`',
      '\tMTU, Max *int32 `json:"mtu,omitempty"`',
      '\town int',
      '}',
    );
    expect(seen({ 'api/v1/spec_types.go': [before, now] })).toEqual([
      'api-field api/v1/spec_types.go:5 new field Spec.MTU',
      'api-field api/v1/spec_types.go:5 new field Spec.Max',
    ]);
    for (const path of ['pkg/spec.go', 'controllers/v2/spec.go', 'pkg/types.go'])
      expect(seen({ [path]: [before, now] })[0]).toBe(`exported-api ${path}:5 new field Spec.MTU`);
  });

  test('fields of inner structs and methods of interfaces are members, parameters over several lines are not', () => {
    const now = go(
      'type Spec struct {',
      '\tNet struct {',
      '\t\tMTU int `json:"mtu"`',
      '\t} `json:"net"`',
      '\tDo func(',
      '\t\tName string,',
      '\t) error',
      '}',
      'type Doer interface {',
      '\tDo(a int) error',
      '}',
    );
    const before = go('type Spec struct {', '}', 'type Doer interface {', '}');
    expect(seen({ 'pkg/spec.go': [before, now] }).map((one) => one.split(' new ')[1])).toEqual([
      'field Spec.Net',
      'field Spec.Net.MTU',
      'field Spec.Do',
      'method Doer.Do',
    ]);
  });

  test('flags, environment variables, commands and gates are told once, by name', () => {
    const before = go('func init() { cmd.Flags().StringVar(&a, "name", "", "The name.") }');
    const now = go(
      'func init() {',
      '\tcmd.Flags().StringVar(&a, "name", "", "The name.")',
      '\tcmd.Flags().BoolVarP(&o.Dry, "dry-run", "n", false, "Only say it.")',
      '\tflag.Duration("wait", 0, "How long.")',
      '\tos.Getenv("HOME_DIR")',
      '\tos.LookupEnv("HOME_DIR")',
      '\t_ = &cobra.Command{Use: "create cluster"}',
      '}',
    );
    expect(seen({ 'a/a.go': [before, now] })).toEqual([
      'flag a/a.go:5 new flag --dry-run',
      'flag a/a.go:6 new flag --wait',
      'environment-variable a/a.go:7 new environment variable HOME_DIR',
      'command a/a.go:9 new command create',
    ]);
  });

  test('a feature gate is told once, by its name or by its type', () => {
    const now = go(
      'const (',
      '\tFast featuregate.Feature = "Fast"',
      '\tSlowFeatureGate = "Slow"',
      '\tOther = "Other"',
      ')',
    );
    const gates = seen({ 'a/a.go': [go('const x = 1'), now] }).filter((one) =>
      one.startsWith('feature-gate'),
    );
    expect(gates).toEqual([
      'feature-gate a/a.go:4 new gate Fast',
      'feature-gate a/a.go:5 new gate SlowFeatureGate',
    ]);
  });

  test('a variable whose constant moved to another package is not new', () => {
    const code = (name: string) => go('func f() {', `\tos.Getenv(${name})`, '}');
    expect(seen({ 'a/a.go': [code('util.HomeEnv'), code('home.HomeEnv')] })).toEqual([]);
  });

  test('calls that only look like flags are none', () => {
    const now = go(
      'func f() {',
      '\tlogger.String("name", value)',
      '\tr.Func("a")',
      '\tfmt.Sprintf("x", "y")',
      '}',
    );
    expect(seen({ 'a/a.go': [go('func f() {', '}'), now] })).toEqual([]);
  });

  test('vendored, generated and test files say nothing', () => {
    const now = go('func Make() {}');
    for (const path of ['vendor/x/a.go', 'api/zz_generated.deepcopy.go', 'a/a_test.go', 'test/e2e/a.go'])
      expect(seen({ [path]: [undefined, now] }), path).toEqual([]);
  });
});

test('TypeScript: new exports and other signatures are told, bodies and moved exports are not', () => {
  const before = 'export function run(a: number): void {\n  go(a);\n}\nexport const kept = 1;\n';
  const now =
    'export function run(a: number, b: string): void {\n  stop(a);\n}\n// export const no = 1;\nexport type New = {};\nexport { a as Other };\n';
  expect(seen({ 'src/a.ts': [before, now], 'src/b.ts': ['', 'export const kept = 1;\n'] })).toEqual([
    'exported-api src/a.ts:5 new export New',
    'exported-api src/a.ts:6 new export Other',
    'changed-signature src/a.ts:1 run was (a:number):void, is (a:number,b:string):void',
  ]);
  const script = 'program.option("--dry-run", "x");\nconst a = process.env.HOME_DIR;\n';
  expect(seen({ 'src/c.mjs': ['', script] })).toEqual([
    'flag src/c.mjs:1 new flag --dry-run',
    'environment-variable src/c.mjs:2 new environment variable HOME_DIR',
  ]);
});

describe('schemas', () => {
  const crd = (more: readonly string[] = []) =>
    [
      'apiVersion: apiextensions.k8s.io/v1',
      'kind: CustomResourceDefinition',
      'spec:',
      '  names:',
      '    kind: Cluster',
      '  versions:',
      '  - name: v1',
      '    schema:',
      '      openAPIV3Schema:',
      '        description: |-',
      '          properties:',
      '            not-a-field:',
      '        properties:',
      '          spec:',
      '            properties:',
      '              name:',
      '                type: string',
      ...more,
      '',
    ].join('\n');
  const mtu = ['              mtu:', '                type: integer'];

  test('a new field of a custom resource is told by its path, once for all files', () => {
    const files: Files = { 'crds/a.yaml': [crd(), crd(mtu)], 'crds/b.yaml': [crd(), crd(mtu)] };
    expect(seen(files)).toEqual(['schema-field crds/a.yaml:18 new field Cluster.spec.mtu']);
  });

  test('another description, and a field that another file had, are none', () => {
    expect(seen({ 'crds/a.yaml': [crd(), crd().replace('string', 'text')] })).toEqual([]);
    expect(seen({ 'crds/a.yaml': [crd(), crd(mtu)], 'crds/b.yaml': [crd(mtu), undefined] }).length).toBe(1);
  });

  test('OpenAPI: new requests and fields, in YAML and in JSON', () => {
    const yaml = (...more: string[]) =>
      ['openapi: 3.0.0', 'paths:', '  /a:', '    get: {}', ...more, ''].join('\n');
    expect(seen({ 'openapi.yaml': [yaml(), yaml('  /b:', '    get:', '      summary: x')] })).toEqual([
      'schema-field openapi.yaml:5 new field /b',
      'schema-field openapi.yaml:6 new field /b get',
    ]);
    const json = (properties: object) =>
      JSON.stringify({ openapi: '3.0.0', components: { schemas: { Pod: { properties } } } });
    expect(seen({ 'openapi.json': [json({ a: {} }), json({ a: {}, b: {} })] })).toEqual([
      'schema-field openapi.json:1 new field Pod.b',
    ]);
  });
});

test('dependencies: new ones and newer ones, not those that others need', () => {
  const mod = (...lines: string[]) =>
    `module m\n\nrequire (\n${lines.map((line) => `\t${line}\n`).join('')})\n`;
  const before = mod('example.com/a v1.0.0', 'example.com/c v1.0.0 // indirect');
  const now = `${mod('example.com/a v1.1.0', 'example.com/b v0.1.0', 'example.com/d v1.0.0 // indirect')}\nexclude (\n\texample.com/e v1.0.0\n)\n`;
  expect(seen({ 'go.mod': [before, now] })).toEqual([
    'dependency go.mod:5 new dependency example.com/b v0.1.0',
    'dependency-bump go.mod:4 example.com/a v1.0.0 → v1.1.0',
  ]);
  const pack = (dependencies: object) => JSON.stringify({ dependencies }, null, 1);
  expect(seen({ 'package.json': [pack({ a: '1' }), pack({ a: '2', b: '1' })] })).toEqual([
    'dependency package.json:4 new dependency b 1',
    'dependency-bump package.json:3 a 1 → 2',
  ]);
  expect(seen({ 'package.json': [pack({}), '{ broken'] })).toEqual([]);
});

test('a migration is one by its place or by what it does', () => {
  expect(seen({ 'db/migrations/0001_add.sql': [undefined, '-- add\nALTER TABLE a ADD b int;\n'] })).toEqual([
    'migration db/migrations/0001_add.sql:2 a migration',
    'new-file db/migrations/0001_add.sql new file of code',
  ]);
  expect(seen({ 'queries/list.sql': ['SELECT 1;\n', 'SELECT 2;\n'] })).toEqual([]);
});

describe('tests of a change', () => {
  const code = (body: string) =>
    go(`func Open() { inner() }`, `func inner() { ${body} }`, 'func alone() { }');
  const before = code('a()');
  const now = code('b()').replace('func alone() { }', 'func alone() { c() }');
  const files: Files = { 'a/a.go': [before, now] };

  test('a test of the package that reaches a function through others counts, one of another package does not', () => {
    const neighbours = [
      { path: 'a/a_test.go', text: go('func TestOpen(t *testing.T) { Open() }') },
      { path: 'b/b_test.go', text: go('func TestAlone(t *testing.T) { alone() }') },
    ];
    const { covered } = factsOf(changeOf(files, { neighbours }));
    expect(covered).toEqual([
      { path: 'a/a.go', name: 'inner', by: ['a/a_test.go:TestOpen'], inChange: false },
      { path: 'a/a.go', name: 'alone', by: [], inChange: false },
    ]);
  });

  test('a name in a comment or a string reaches nothing; a test that the change brings is told as its own', () => {
    const test = go(
      '// alone',
      'func TestText(t *testing.T) { t.Log("alone") }',
      'func TestInner(t *testing.T) { inner() }',
    );
    const { covered } = factsOf(changeOf({ ...files, 'a/a_test.go': [undefined, test] }));
    expect(covered.map(({ name, by, inChange }) => [name, by.length, inChange])).toEqual([
      ['inner', 1, true],
      ['alone', 0, false],
    ]);
  });
});

test('what is no Go, no YAML and no JSON is read without a fault', () => {
  const odd = [
    '{{{((("',
    'package',
    'type A struct {\n type B interface { `',
    '"',
    '- - : :\n\t:',
    '\u0000\ufffd',
    'func (',
  ];
  for (const path of ['a.go', 'a.ts', 'crd.yaml', 'openapi.json', 'go.mod', 'package.json', 'a.sql'])
    for (const text of odd) {
      const schema = path.endsWith('yaml') ? `kind: CustomResourceDefinition\n${text}` : text;
      expect(Array.isArray(seen({ [path]: ['x', schema] }))).toBe(true);
    }
});

test('text made to be slow is read in the time of other text', () => {
  const long = (piece: string) => piece.repeat(Math.ceil(200_000 / piece.length));
  const hard = [
    '/*',
    '"\\',
    '.String("a",',
    'export{\n',
    'export function a(\n',
    '`',
    'func f() {',
    'type a struct {\n',
  ].map(long);
  for (const text of hard)
    for (const path of ['a/a.go', 'a.ts']) {
      const neighbours = [{ path: 'a/b_test.go', text }];
      const change = changeOf({ [path]: [undefined, text] }, { neighbours });
      expect(Array.isArray(factsOf(change).sightings), `${path} ${text.slice(0, 12)}`).toBe(true);
    }
});
