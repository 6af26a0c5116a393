import { fail, ok, type Result } from '../../core/base/result.ts';
import type { PolarionCase, PolarionOutcome, PolarionRun } from '../../core/verdict/polarion.ts';
import { unescaped } from './markup.ts';
import { createScanner, ScanFault, type ScanLimits } from './scan.ts';

const LIMITS: ScanLimits = { depthMax: 8, tagCharsMax: 8_000_000, tagsMax: 50_000_000 };

type Node = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly below: Node[];
};

/** Reads a file for Polarion's importer back, as `polarionXml` writes them. The error is one line. */
export function readPolarion(xml: string): Result<PolarionRun, string> {
  const root = rootOf(xml);
  if (!root.ok) return root;
  const suites = root.value.name === 'testsuites' ? allOf(root.value, 'testsuite') : [];
  if (suites.length !== 1) return fail(`it holds ${suites.length} suites, not one`);
  const suite = suites[0]!;
  return ok({
    properties: propertiesOf(root.value),
    suite: text(suite, 'name'),
    cases: allOf(suite, 'testcase').map(caseOf),
  });
}

function rootOf(xml: string): Result<Node, string> {
  const document: Node = { name: '', attributes: new Map(), below: [] };
  const open = [document];
  const scanner = createScanner(
    {
      open(name, attributes) {
        // Reports may have it in their output; the importer takes a file with one for none.
        if ([...attributes.values()].some(hasBareAmpersand))
          throw new ScanFault(`an attribute of <${name}> has a & that begins no entity`);
        const node: Node = { name, attributes, below: [] };
        open.at(-1)!.below.push(node);
        open.push(node);
      },
      text: () => {},
      close: () => void open.pop(),
    },
    LIMITS,
  );
  try {
    scanner.write(xml);
    scanner.end();
    return ok(document.below[0]!);
  } catch (problem) {
    if (!(problem instanceof ScanFault)) throw problem;
    return fail(problem.message);
  }
}

const hasBareAmpersand = (value: string): boolean =>
  /&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(value);

function caseOf(node: Node): PolarionCase {
  const all = propertiesOf(node);
  const one = (name: string) => all.find(([key]) => key === name)?.[1];
  const [outcome, said] = outcomeOf(node);
  const project = one('polarion-testcase-project-id');
  const comment = one('polarion-testcase-comment');
  return {
    id: one('polarion-testcase-id') ?? '',
    ...(project !== undefined && { project }),
    name: text(node, 'name'),
    classname: text(node, 'classname'),
    outcome,
    ...(said !== undefined && { message: text(said, 'message') }),
    ...(comment !== undefined && { comment }),
    parameters: Object.fromEntries(
      all.flatMap(([name, value]) =>
        name.startsWith('polarion-parameter-') ? [[name.slice('polarion-parameter-'.length), value]] : [],
      ),
    ),
    seconds: Number(text(node, 'time')),
  };
}

function outcomeOf(node: Node): [PolarionOutcome, Node | undefined] {
  const [failure, error, skipped] = ['failure', 'error', 'skipped'].map((name) => allOf(node, name)[0]);
  if (failure) return ['failed', failure];
  if (error) return ['blocked', error];
  return skipped ? ['waiting', skipped] : ['passed', undefined];
}

const allOf = (node: Node, name: string): Node[] => node.below.filter((one) => one.name === name);
const propertiesOf = (node: Node): [string, string][] =>
  allOf(node, 'properties')
    .flatMap((one) => allOf(one, 'property'))
    .map((one) => [text(one, 'name'), text(one, 'value')]);

const text = (node: Node, name: string): string => unescaped(node.attributes.get(name) ?? '');
