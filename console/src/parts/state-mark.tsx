import { lookOf, type Tone } from '../words.ts';

export const toneClass = (tone: Tone): string => `ff-tone-${tone}`;

/** Glyph, word and colour of a state: never the colour alone. */
export function StateMark({ state }: { state: string }) {
  const look = lookOf(state);
  return (
    <span className="ff-nowrap">
      <span aria-hidden className={`ff-glyph ${toneClass(look.tone)}`}>
        {look.glyph}
      </span>{' '}
      {look.word}
    </span>
  );
}
