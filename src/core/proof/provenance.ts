import { type Commit, type Digest, isCommit, isDigest } from '../base/ids.ts';
import { fail, ok, type Result } from '../base/result.ts';

/** An in-toto statement: what it is about, and what it says of it. */
export type Statement = {
  readonly predicateType: string;
  /** Every SHA-256 of its subjects. */
  readonly subjects: readonly Digest[];
  readonly predicate: Fields;
};

/** How an image was built, the same for SLSA v0.2 and v1. */
export type Provenance = {
  readonly type: 'slsa-v0.2' | 'slsa-v1';
  readonly subjects: readonly Digest[];
  readonly builder: string | null;
  /** Git commits the build took as sources; the pipeline's own definition is none. */
  readonly sources: readonly Source[];
  /** Every value a parameter was given: a name that is given twice hides nothing. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
};
export type Source = { readonly uri: string; readonly commit: Commit };

type Fields = Readonly<Record<string, unknown>>;

const STATEMENTS = ['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1'];
const V02 = 'https://slsa.dev/provenance/v0.2';
const V1 = 'https://slsa.dev/provenance/v1';
/** cosign's own statement that an image is signed, in bundles. */
export const SIGNED_BY_COSIGN = 'https://sigstore.dev/cosign/sign/v1';

/** Reads a statement from the JSON that was signed; the error says what it is instead. */
export function readStatement(content: unknown): Result<Statement, string> {
  const statement = fields(content);
  if (!STATEMENTS.includes(String(statement._type)))
    return fail(`its _type is ${shown(statement._type)}, expected ${STATEMENTS.join(' or ')}`);
  if (typeof statement.predicateType !== 'string') return fail('it has no predicateType');
  const subjects = list(statement.subject).flatMap((subject) => sha256In(fields(subject).digest));
  if (subjects.length === 0) return fail('no subject has a sha256');
  return ok({ predicateType: statement.predicateType, subjects, predicate: fields(statement.predicate) });
}

export const isProvenance = ({ predicateType }: Statement): boolean =>
  predicateType === V02 || predicateType === V1;

/** What a statement says of the build; undefined when it is about something else. */
export function provenanceOf(statement: Statement): Provenance | undefined {
  if (statement.predicateType === V02) return ofV02(statement);
  return statement.predicateType === V1 ? ofV1(statement) : undefined;
}

function ofV02({ subjects, predicate }: Statement): Provenance {
  const invocation = fields(predicate.invocation);
  return {
    type: 'slsa-v0.2',
    subjects,
    builder: text(fields(predicate.builder).id),
    sources: withoutDefinition(
      list(predicate.materials).flatMap(sourceIn),
      sourceIn(invocation.configSource),
    ),
    parameters: gathered([
      ...entries(invocation.parameters),
      ...entries(fields(invocation.parameters).inputs),
    ]),
  };
}

/** The pipeline's definition is a material too; where nothing else was taken, it lies beside what was built. */
function withoutDefinition(sources: Source[], definition: readonly Source[]): Source[] {
  const others = sources.filter(
    ({ uri, commit }) => !definition.some((one) => one.uri === uri && one.commit === commit),
  );
  return others.length > 0 ? others : sources;
}

// Chains lists the definition of the pipeline and its tasks among the dependencies, under these names.
const DEFINITIONS = ['pipeline', 'pipelineTask', 'task'];

function ofV1({ subjects, predicate }: Statement): Provenance {
  const definition = fields(predicate.buildDefinition);
  const external = fields(definition.externalParameters);
  const dependencies = list(definition.resolvedDependencies).map(fields);
  const params = list(fields(external.runSpec).params).map((param) => {
    const { name, value } = fields(param);
    return [String(name), value] as const;
  });
  return {
    type: 'slsa-v1',
    subjects,
    builder: text(fields(fields(predicate.runDetails).builder).id),
    sources: dependencies.filter(({ name }) => !DEFINITIONS.includes(String(name))).flatMap(sourceIn),
    parameters: gathered([...entries(external), ...entries(external.inputs), ...params]),
  };
}

function sourceIn(material: unknown): Source[] {
  const { uri, digest } = fields(material);
  const { sha1, gitCommit, sha256 } = fields(digest);
  const isGit =
    typeof uri === 'string' && (/^git(\+|:)/.test(uri) || gitCommit !== undefined || sha1 !== undefined);
  // Git's newer object names are SHA-256 too; an image among the materials has one as well, and is no commit.
  const commit = [gitCommit, sha1, sha256].find((one) => typeof one === 'string' && isCommit(one));
  return isGit && commit !== undefined ? [{ uri, commit: commit as Commit }] : [];
}

/** The names of values that can be said in one word; what is nested is not a parameter people set. */
function gathered(pairs: readonly (readonly [string, unknown])[]): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    if (value === null || typeof value === 'object' || value === undefined) continue;
    const values = found.get(name) ?? [];
    if (!values.includes(String(value))) values.push(String(value));
    found.set(name, values);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The same repository written in other ways gives the same text: without `git+`, scheme, user, port 443, `.git`, a
 * slash at the end, and the branch or tag after an `@`. The path keeps its case.
 */
export function repositoryKey(uri: string): string {
  const bare = uri
    .trim()
    .replace(/^git\+/, '')
    .replace(/^[\w.-]+@([\w.-]+):(?!\/)/, '$1/')
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^[^/@]*@/, '')
    .replace(/[@#?].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const slash = bare.indexOf('/');
  const host = (slash < 0 ? bare : bare.slice(0, slash)).toLowerCase().replace(/:443$/, '');
  return slash < 0 ? host : `${host}${bare.slice(slash)}`;
}

const sha256In = (digest: unknown): Digest[] => {
  const named = `sha256:${String(fields(digest).sha256)}`;
  return isDigest(named) ? [named] : [];
};

const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const entries = (value: unknown): [string, unknown][] => Object.entries(fields(value));
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const shown = (value: unknown): string =>
  typeof value === 'string' ? `"${value.slice(0, 100)}"` : 'missing';
