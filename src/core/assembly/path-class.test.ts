import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PATH_CLASSES } from './assembly.ts';
import { pathClass, pathRules } from './path-class.ts';

// Paths as they stood in conflict in real back-ports.
test.each([
  ['hypershift-operator/controllers/nodepool/nodepool_controller.go', 'code'],
  ['support/supportedversion/version.go', 'code'],
  ['control-plane-operator/controllers/hostedcontrolplane/v2/assets/oauth-apiserver/deployment.yaml', 'code'],
  ['hypershift-operator/controllers/nodepool/nodepool_controller_test.go', 'test'],
  ['test/e2e/nodepool_test.go', 'test'],
  ['support/testdata/zz_fixture_TestReconcile.yaml', 'generated'],
  ['vendor/modules.txt', 'generated'],
  ['api/vendor/github.com/openshift/api/config/v1/types.go', 'generated'],
  ['go.sum', 'generated'],
  ['api/hypershift/v1beta1/zz_generated.deepcopy.go', 'generated'],
  ['cmd/install/assets/hypershift-operator/hypershift.openshift.io_nodepools.yaml', 'generated'],
  ['client/applyconfiguration/hypershift/v1beta1/nodepool.go', 'generated'],
  ['docs/content/how-to/upgrades.md', 'docs'],
  ['OWNERS', 'docs'],
  ['go.mod', 'build'],
  ['Makefile', 'build'],
  ['.ko.yaml', 'build'],
  ['Containerfile.operator', 'build'],
  ['.tekton/hypershift-operator-main-push.yaml', 'build'],
  ['hack/app-sre/saas_template.yaml', 'build'],
])('%s is %s', (path, kind) => {
  expect(pathClass(path)).toBe(kind);
});

test('what a component says of its paths wins over what is usual', () => {
  expect(pathClass('docs/content/reference/api.md')).toBe('docs');
  expect(pathClass('docs/content/reference/api.md', { generated: [/reference\/api\.md$/] })).toBe(
    'generated',
  );
});

// The cases are not part of the project; where they are at hand, every path of theirs is asked.
test('real conflicts are classed as those who studied them did', async (context) => {
  const file = process.env.FLEETFIX_BACKPORTS;
  if (!file || !existsSync(file)) return context.skip('set FLEETFIX_BACKPORTS (JSON lines) to run it');
  const conflicts = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as Case).plumbing.steps.flatMap((step) => step.conflicts ?? []));
  const differ = conflicts.filter(({ kind, path }) => pathClass(path) !== oursOf(kind, path));
  expect(conflicts.length).toBeGreaterThan(0);
  // Nothing in its name tells that this one is generated.
  expect(new Set(differ.map(({ path }) => path))).toEqual(new Set(['docs/content/reference/api.md']));
});

test("a component's own patterns win over the usual ones", () => {
  const rules = pathRules({ generated: ['api/crds/', '**/*.out.go', 'docs/api.md'], test: ['check/*.go'] });
  const classes = (...paths: string[]) => paths.map((path) => pathClass(path, rules));
  expect(classes('api/crds/a/b.txt', 'a/b/x.out.go', 'x.out.go', 'docs/api.md')).toEqual(
    Array(4).fill('generated'),
  );
  expect(classes('check/a.go', 'check/a/b.go', 'docs/other.md', 'x_out.go')).toEqual([
    'test',
    'code',
    'docs',
    'code',
  ]);
  expect(pathClass('a+b(c).go', pathRules({ build: ['a+b(c).go'] }))).toBe('build');
});

type Case = {
  readonly plumbing: {
    readonly steps: { readonly conflicts?: { readonly path: string; readonly kind: string }[] }[];
  };
};

function oursOf(kind: string, path: string): string {
  if (kind === 'vendor') return 'generated';
  if (kind === 'gomod') return path.endsWith('.mod') ? 'build' : 'generated';
  expect(PATH_CLASSES).toContain(kind);
  return kind;
}
