import type { ScopeFacts } from './facts.ts';
import type { Signal } from './signal.ts';

/** What the code of a change is judged by: one number each. The order is that of the table of weights. */
export const MEASURES = [
  'files',
  'outside',
  'inside',
  'manifests',
  'exported',
  'surface',
  'signatures',
  'new-files',
  'command-line',
  'api-package',
  'documents',
  'dependencies',
  'bumps',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Signals whose places a measure counts. */
export const COUNTED: Partial<Readonly<Record<Measure, readonly Signal[]>>> = {
  exported: ['exported-api'],
  surface: [
    'api-field',
    'schema-field',
    'migration',
    'feature-gate',
    'flag',
    'environment-variable',
    'command',
  ],
  signatures: ['changed-signature'],
  'new-files': ['new-file'],
  dependencies: ['dependency'],
  bumps: ['dependency-bump'],
};

/** The way a measure may lean: +1 to a feature, -1 to a fix. Learning may not turn it round. */
export const LEANS: Readonly<Record<Measure, 1 | -1>> = {
  files: 1,
  outside: 1,
  // Of two changes of as many new lines, the one that alters what was there is the fix.
  inside: -1,
  manifests: 1,
  exported: 1,
  surface: 1,
  signatures: 1,
  'new-files': 1,
  'command-line': 1,
  'api-package': 1,
  documents: 1,
  dependencies: 1,
  // A newer version alone is how a hole in a dependency is closed.
  bumps: -1,
};

/** Log-odds of a feature: `BIAS` plus each measure times its weight. Learned by bench/scope.bench.ts; see docs/scope.md. */
export const WEIGHTS: Readonly<Record<Measure, number>> = {
  files: 0.39,
  outside: 0.18,
  inside: -0.23,
  manifests: 0.35,
  exported: 0,
  surface: 0.19,
  signatures: 0.23,
  'new-files': 0.35,
  'command-line': 1.42,
  'api-package': 0.55,
  documents: 0.87,
  dependencies: 0.38,
  bumps: -0.07,
};
export const BIAS = -1.21;

/** Counts as their logarithm, so that the hundredth adds little; the others are 0 or 1. */
export function measuresOf(facts: ScopeFacts): Readonly<Record<Measure, number>> {
  const count = (measure: Measure) =>
    facts.sightings.filter(({ signal }) => COUNTED[measure]!.includes(signal)).length;
  return {
    files: Math.log1p(facts.files),
    outside: Math.log1p(facts.inside.elsewhere),
    inside: Math.log1p(facts.inside.existing),
    manifests: Math.log1p(facts.manifestLines),
    exported: Math.log1p(count('exported')),
    surface: Math.log1p(count('surface')),
    signatures: Math.log1p(count('signatures')),
    'new-files': Math.log1p(count('new-files')),
    'command-line': facts.isCommandLine ? 1 : 0,
    'api-package': facts.isApi ? 1 : 0,
    documents: facts.size.docs.files > 0 ? 1 : 0,
    dependencies: count('dependencies') > 0 ? 1 : 0,
    bumps: Math.log1p(count('bumps')),
  };
}

/**
 * What a title adds. Not learned on the labelled set, whose labels were made from titles, but taken from counts over 400
 * back-ported and 400 other changes (docs/scope.md), so that no title can outweigh what the code says.
 */
export const TITLE_WEIGHTS = { bugTicket: -0.94, otherTicket: 0.74, fix: -0.49, feat: 0.49 } as const;

export type TitlePart = keyof typeof TITLE_WEIGHTS;

/** The parts of a title that count. */
export function titleParts({ claims }: ScopeFacts): TitlePart[] {
  const ticket: TitlePart[] = claims.isBugTicket
    ? ['bugTicket']
    : claims.tickets.length > 0
      ? ['otherTicket']
      : [];
  const type: TitlePart[] = claims.type === 'fix' || claims.type === 'feat' ? [claims.type] : [];
  return [...ticket, ...type];
}
