import type { Verdict } from '../../../src/core/health/verdict.ts';

const LOOK: Readonly<Record<Verdict['kind'], { readonly glyph: string; readonly tone: string }>> = {
  'not worse': { glyph: '●', tone: 'ff-tone-success' },
  'not enough data': { glyph: '○', tone: 'ff-subtle' },
  worse: { glyph: '✖\uFE0E', tone: 'ff-tone-danger' },
};

/** What the evidence says, in words first. */
export function VerdictText({ verdict }: { verdict: Verdict }) {
  const look = LOOK[verdict.kind];
  return (
    <span>
      <span aria-hidden className={`ff-glyph ${look?.tone}`}>
        {look?.glyph}
      </span>{' '}
      <strong>{verdict.kind}</strong> <span className="ff-subtle">{verdict.because}</span>
    </span>
  );
}
