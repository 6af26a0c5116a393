import { Title } from '@patternfly/react-core/dist/dynamic/components/Title';
import type { ReactNode } from 'react';
import type { PaceView } from '../../../src/core/views/fix-view.ts';
import { toneClass } from '../parts/state-mark.tsx';
import { sentence, type Tone } from '../words.ts';
import {
  burningSaid,
  burningText,
  comparedText,
  evidenceSaid,
  failedText,
  figureText,
  harmPlace,
  harmSaid,
  harmText,
  logPlace,
  logTicks,
  rateSaid,
} from './pace-model.ts';

type Question = {
  readonly asks: string;
  readonly says: ReactNode;
  readonly means: string;
  readonly children?: ReactNode;
};

/** One question, its answer in bold, a picture of it where there is one, and what it means. */
function Answered({ asks, says, means, children }: Question) {
  return (
    <div className="ff-pace-part">
      <Title headingLevel="h3" size="md">
        {asks}
      </Title>
      <p>{says}</p>
      {children}
      <p className="ff-subtle">{means}</p>
    </div>
  );
}

/** A bar from left to right; what it shows stands beside it as text. */
function Bar({ place, tone }: { place: number; tone: Tone }) {
  return (
    <div className="ff-bar" aria-hidden>
      <span className={`ff-bar-fill ${toneClass(tone)}`} style={{ inlineSize: `${place}%` }} />
    </div>
  );
}

function Evidence({ pace }: { pace: PaceView }) {
  const said = evidenceSaid(pace);
  return (
    <Answered
      asks="Does it do harm?"
      says={
        <>
          Evidence against it:{' '}
          <strong>
            {figureText(pace.against)} of {figureText(pace.haltsAt)}
          </strong>
          , <span className={toneClass(said.tone)}>{said.text}</span>
        </>
      }
      means={comparedText(pace)}
    >
      <div aria-hidden>
        <Bar place={logPlace(pace.against, pace.haltsAt)} tone={said.tone} />
        <div className="ff-scale">
          {logTicks(pace.haltsAt).map((tick) => (
            <span key={tick} style={{ insetInlineStart: `${logPlace(tick, pace.haltsAt)}%` }}>
              {figureText(tick)}
              {tick === pace.haltsAt ? ' halts' : ''}
            </span>
          ))}
        </div>
      </div>
    </Answered>
  );
}

function Harm({ pace, goesOn }: { pace: PaceView; goesOn: boolean }) {
  const said = harmSaid(pace);
  return (
    <Answered
      asks="How many could it break?"
      says={
        <>
          Harm budget used:{' '}
          <strong className={said.tone === 'warning' ? 'ff-tone-warning' : ''}>{said.text}</strong>
        </>
      }
      means={harmText(pace, { goesOn })}
    >
      <Bar place={harmPlace(pace)} tone={said.tone} />
    </Answered>
  );
}

/** The figures a rollout goes by: what speaks against it, what is at stake, and whether it helps. `goesOn`: more may start. */
export function PacePanel({ pace, goesOn }: { pace: PaceView; goesOn: boolean }) {
  const burning = pace.burning && burningSaid(pace.burning);
  return (
    <div className="ff-pace">
      <Evidence pace={pace} />
      <Harm pace={pace} goesOn={goesOn} />
      <Answered
        asks="How often can it fail?"
        says={<strong>{sentence(rateSaid(pace))}</strong>}
        means={failedText(pace)}
      />
      {pace.burning === undefined || burning === undefined ? null : (
        <Answered
          asks="Does it help?"
          says={<strong className={toneClass(burning.tone)}>{burning.text}</strong>}
          means={burningText(pace.burning)}
        />
      )}
    </div>
  );
}
