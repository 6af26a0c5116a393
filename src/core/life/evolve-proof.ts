import { debtKey, type Evidence, isOn, type OnImage } from '../proof/proof.ts';
import { movesAgain } from './clocks.ts';
import type { Fix, HandOffState } from './fix.ts';
import type { Folds } from './fold.ts';

type ProofEvent =
  | 'GateRan'
  | 'Attested'
  | 'HandedOff'
  | 'HandOffEscalated'
  | 'HandOffUnheard'
  | 'HandOffAcknowledged'
  | 'DebtOverdue'
  | 'Waived';

/** Verdicts, who is asked for them, and what is passed over. */
export const PROOF_FOLDS: Folds<ProofEvent> = {
  GateRan: (fix, { type: _, ...verdict }, { at, author }) => ({
    ...fix,
    evidence: [...withoutVain(fix.evidence, verdict), { ...verdict, by: author, at }],
  }),
  Attested: (fix, { type: _, ...verdict }, { at, author }) => ({
    // Who gives their word has it; who answers what a check asked has answered that.
    ...(isAnswer(fix, verdict)
      ? fix
      : withHandOff(fix, (it) => ({ acknowledged: { by: author, at }, ...it }))),
    evidence: [...fix.evidence, { ...verdict, by: author, at }],
    clocks: movesAgain(fix.clocks, 'proof', at),
  }),
  HandedOff: (fix, { digests, told }, { at }) => ({
    ...fix,
    handOff: {
      at,
      digests: [...new Set([...(fix.handOff?.digests ?? []), ...digests])],
      told: told.map((one) => ({ at, ...one })),
    },
  }),
  HandOffEscalated: (fix, { step, role, people }, { at }) =>
    withHandOff(fix, ({ unheard: _, ...it }) => ({ ...it, told: [...it.told, { at, step, role, people }] })),
  HandOffUnheard: (fix, { said }, { at }) => withHandOff(fix, (it) => ({ ...it, unheard: { at, said } })),
  HandOffAcknowledged: (fix, _, { at, author }) =>
    withHandOff(fix, (it) => ({ ...it, acknowledged: { by: author, at } })),
  DebtOverdue: (fix, { gate, line }) => ({
    ...fix,
    overdue: [...(fix.overdue ?? []), debtKey({ gate, line })],
  }),
  Waived: (fix, { gate, reason, expiresAt }, { at, author }) => ({
    ...fix,
    waivers: [...fix.waivers, { gate, by: author, reason, at, expiresAt }],
    clocks: movesAgain(fix.clocks, 'proof', at),
  }),
};

const withHandOff = (fix: Fix, change: (it: HandOffState) => HandOffState): Fix =>
  fix.handOff === undefined ? fix : { ...fix, handOff: change(fix.handOff) };

/** A look takes the place of the one before that found nothing; the ledger has them all. */
const withoutVain = (evidence: readonly Evidence[], on: OnImage): readonly Evidence[] =>
  evidence.filter((e) => e.looks === undefined || e.retried || !isOn(e, on));

const isAnswer = ({ evidence }: Fix, to: OnImage): boolean =>
  evidence.some((e) => e.result === 'unclear' && isOn(e, to));
