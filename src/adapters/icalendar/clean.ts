import { withoutEscapes } from '../../core/base/escapes.ts';

/** Of a title or link that has no end, what begins it and would be taken for text: `ESC ] 0`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNENDED = /\u001b\][0-9]*(?=[^\u0007\u001b\u009c]*(?:$|\u001b(?!\\)))/g;

/**
 * A text of a calendar as it can be shown: nothing in it that controls a terminal, is not seen, or turns the direction of
 * what follows; half a character is shown as �. Those who write in calendars are many, and not all are trusted.
 */
export const clean = (text: string): string =>
  withoutEscapes(text.replaceAll(UNENDED, ''))
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\p{Cf}/gu, '');

/** The same, at most so many characters of it. */
export const cleanTo = (charsMax: number, text: string): string =>
  clean(text).slice(0, charsMax).toWellFormed();
