import { clockText, durationText, epochMs, type Instant } from '../../src/core/base/instant.ts';

export { clockText, durationText };

/** `18m ago, 20:31Z`; `in 4m, 21:02Z` when it is still to come. */
export function agoText(at: Instant, now: Instant): string {
  const ms = epochMs(now) - epochMs(at);
  const distance = ms >= 0 ? `${durationText(ms)} ago` : `in ${durationText(-ms)}`;
  return `${distance}, ${clockText(at, now)}`;
}

/** The text with a capital letter, to begin a sentence. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `1 control plane`, `1,204 control planes`. */
export function countText(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

export type Tone = 'success' | 'danger' | 'warning' | 'info' | 'neutral';
export type Look = { readonly glyph: string; readonly word: string; readonly tone: Tone };

// U+FE0E asks for the text form, so that no system turns a state into a coloured picture.
const LOOKS: Readonly<Record<string, Look>> = {
  waiting: { glyph: '○', word: 'waiting', tone: 'neutral' },
  exposed: { glyph: '○', word: 'exposed', tone: 'neutral' },
  starting: { glyph: '◔', word: 'starting', tone: 'info' },
  patched: { glyph: '●', word: 'patched', tone: 'success' },
  failed: { glyph: '✖\uFE0E', word: 'failed', tone: 'danger' },
  paused: { glyph: '‖', word: 'paused', tone: 'warning' },
  silent: { glyph: '?', word: 'silent', tone: 'warning' },
  unknown: { glyph: '?', word: 'unknown', tone: 'warning' },
  excluded: { glyph: '❄\uFE0E', word: 'excluded', tone: 'info' },
  'rolling back': { glyph: '↺', word: 'rolling back', tone: 'warning' },
  'rolled back': { glyph: '↺', word: 'rolled back', tone: 'danger' },
  gone: { glyph: '–', word: 'gone', tone: 'neutral' },
  native: { glyph: '◆', word: 'native', tone: 'success' },
  unaffected: { glyph: '–', word: 'unaffected', tone: 'neutral' },
};

/** Glyph, word and colour of a control plane's state. A state this page does not know is shown by its name. */
export const lookOf = (state: string): Look => LOOKS[state] ?? { glyph: '·', word: state, tone: 'neutral' };
