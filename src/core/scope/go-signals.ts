import { isSameSignature } from '../code/go-signature.ts';
import { type GoFileChange, type GoPiece, isExported, isPublic } from './go-file-change.ts';
import { lineFinder } from './line-finder.ts';
import { isApiPath } from './schema-path.ts';
import type { Sighting } from './signal.ts';

/** What of the Go code is new, and what is not. Functions by `folder` and key. */
export type GoFound = {
  readonly sightings: readonly Sighting[];
  /** Functions that were there and are altered, and those that were not. */
  readonly altered: readonly GoPiece[];
  readonly added: readonly GoPiece[];
};

/** Signals of all Go files of the change together: what moved from one file or package to another is not new. */
export function goSignals(files: readonly GoFileChange[]): GoFound {
  const before = new Map(files.flatMap(({ was }) => was).map((one) => [placeKey(one), one]));
  const lines = new Map(files.map(({ file }) => [file.path, lineFinder(file.now ?? '')]));
  const after = files.flatMap(({ is }) => is);
  const stays = new Set(after.map(placeKey));
  const gone = new Set([...before.values()].filter((one) => !stays.has(placeKey(one))).map(({ key }) => key));
  const isFunc = ({ declared }: GoPiece) => declared.kind === 'func' || declared.kind === 'method';
  const wasThere = (one: GoPiece) => before.has(placeKey(one));
  return {
    sightings: after.flatMap((one) => {
      const old = before.get(placeKey(one));
      const line = lines.get(one.path)!;
      return [...(old ? changedIn(one, old, line) : gone.has(one.key) ? [] : newIn(one, line))];
    }),
    altered: after.filter((one) => isFunc(one) && wasThere(one)),
    added: after.filter((one) => isFunc(one) && !wasThere(one) && !gone.has(one.key)),
  };
}

const placeKey = ({ folder, key }: GoPiece): string => `${folder}:${key}`;

type LineOf = (at: number) => number;

function newIn(one: GoPiece, line: LineOf): Sighting[] {
  if (!isExported(one)) return [];
  const place = { path: one.path, line: line(one.declared.at) };
  const gate = isGate(one)
    ? [{ ...place, signal: 'feature-gate' as const, what: `new gate ${one.key}` }]
    : [];
  const fields = isApiPath(one.path) ? fieldsOf(one, [], line) : [];
  return [
    ...gate,
    { ...place, signal: 'exported-api', what: `new ${one.declared.kind} ${one.key}` },
    ...fields,
  ];
}

function changedIn(one: GoPiece, old: GoPiece, line: LineOf): Sighting[] {
  const [is, was] = [one.declared.signature, old.declared.signature];
  const isOther = isExported(one) && is && was && !isSameSignature(is, was);
  const changed: Sighting[] = isOther
    ? [
        {
          signal: 'changed-signature',
          path: one.path,
          line: line(one.declared.at),
          what: `${one.key} was (${was.params.join(', ')}) ${shown(was.results)}, is (${is.params.join(', ')}) ${shown(is.results)}`.trim(),
        },
      ]
    : [];
  return [...changed, ...fieldsOf(one, old.members, line)];
}

const shown = (results: readonly string[]): string =>
  results.length > 1 ? `(${results.join(', ')})` : (results[0] ?? '');

/** New public members of a public type. In an API package those with a JSON name are fields of the API. */
function fieldsOf(one: GoPiece, old: GoPiece['members'], line: LineOf): Sighting[] {
  if (!isExported(one)) return [];
  const had = new Set(old.map(({ name }) => name));
  return one.members
    .filter(({ name }) => !had.has(name) && isPublic(name.slice(name.lastIndexOf('.') + 1)))
    .map(({ name, kind, tag, at }) => ({
      signal: isApiPath(one.path) && /\bjson:"(?!-")/.test(tag) ? 'api-field' : 'exported-api',
      path: one.path,
      line: line(at),
      what: `new ${kind} ${name}`,
    }));
}

/** A constant or variable that is a feature gate, by its type or its name. */
const isGate = (one: GoPiece): boolean =>
  (one.declared.kind === 'const' || one.declared.kind === 'var') &&
  (/feature_?gate/i.test(one.key) || /\bfeaturegate\.Feature\b|\bFeatureGateName\b/.test(lineIn(one)));

/** The line that it is declared in, from its name on. */
function lineIn({ declared, body, text }: GoPiece): string {
  const from = Math.max(0, declared.at - body.from);
  const end = text.indexOf('\n', from);
  return text.slice(from, end < 0 ? undefined : end);
}
