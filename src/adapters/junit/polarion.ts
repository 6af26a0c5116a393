import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { PolarionCase, PolarionOutcome, PolarionRun } from '../../core/verdict/polarion.ts';
import { unescaped } from './markup.ts';

// Another parser than that of reports on purpose: what was written is read by other code than wrote it.
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  isArray: (name) => ['property', 'testcase', 'testsuite'].includes(name),
});

type Node = { readonly [key: string]: unknown };

/** Reads a file for Polarion's importer back, as `polarionXml` writes them. The error is one line. */
export function readPolarion(xml: string): Result<PolarionRun, string> {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return fail(`line ${valid.err.line}: ${valid.err.msg}`);
  const root = nodeOf(parser.parse(xml)).testsuites;
  const suites = listOf(nodeOf(root).testsuite);
  if (suites.length !== 1) return fail(`it holds ${suites.length} suites, not one`);
  const suite = suites[0]!;
  return ok({
    properties: propertiesOf(nodeOf(root)),
    suite: text(suite, 'name'),
    cases: listOf(suite.testcase).map(caseOf),
  });
}

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
  if ('failure' in node) return ['failed', nodeOf(node.failure)];
  if ('error' in node) return ['blocked', nodeOf(node.error)];
  return 'skipped' in node ? ['waiting', nodeOf(node.skipped)] : ['passed', undefined];
}

const propertiesOf = (node: Node): [string, string][] =>
  listOf(nodeOf(node.properties).property).map((one) => [text(one, 'name'), text(one, 'value')]);

const nodeOf = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});
const listOf = (value: unknown): Node[] => (Array.isArray(value) ? value.map(nodeOf) : []);
const text = (node: Node, name: string): string => unescaped(String(node[`@${name}`] ?? ''));
