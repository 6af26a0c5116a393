/** A text as its readers may see it. `unread`: entities of which it is not known what they show. */
export type Readings = { readonly texts: readonly string[]; readonly unread: readonly string[] };

/**
 * What a reader of Markdown may see: the text as it is written, since not everything shows it as Markdown, and the text
 * that is shown, without marks, links, tags and remarks. In both, entities stand for their signs, and what cannot be
 * seen is gone: see `folded`.
 */
export function readingsOf(markdown: string): Readings {
  const unread = new Set<string>();
  const texts = [markdown.replaceAll('\\', ''), withoutMarks(markdown)].map((text) =>
    folded(decoded(text, unread)),
  );
  return { texts: [...new Set(texts)], unread: [...unread] };
}

/** Letters that do not come apart into one of the alphabet and a sign on it. */
const LETTERS: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', ı: 'i', æ: 'ae', œ: 'oe' };

/** Small letters without signs on them, without characters that cannot be seen; all space is one space. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{DI}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđıæœ]/g, (letter) => LETTERS[letter]!)
    .replace(/\s+/g, ' ');

/** Marks are taken out of words, not spaces put for them: `ac**me**` is shown as one word. */
const withoutMarks = (markdown: string): string =>
  withoutRemarks(markdown)
    .replace(/<[a-z/!?][^<>]*>/gi, '')
    .replace(/\]\([^()\n]*\)|\]\[[^[\]\n]*\]/g, '')
    .replace(/[\\`*_~[\]]/g, '');

function withoutRemarks(markdown: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let open = markdown.indexOf('<!--'); open !== -1; open = markdown.indexOf('<!--', from)) {
    const close = markdown.indexOf('-->', open + 4);
    if (close === -1) break;
    kept.push(markdown.slice(from, open));
    from = close + 3;
  }
  return kept.join('') + markdown.slice(from);
}

const ENTITY = /&#(?:([0-9]{1,12})|x([0-9a-f]{1,10}));?|&([a-z][a-z0-9]{1,31});|&(amp|lt|gt|quot|nbsp|shy)/gi;

/** Signs in place of entities, once: `&amp;#97;` shows `&#97;`. */
const decoded = (text: string, unread: Set<string>): string =>
  text.replace(ENTITY, (entity, decimal?: string, hex?: string, name?: string, bare?: string) => {
    if (decimal !== undefined) return signOf(Number.parseInt(decimal, 10));
    if (hex !== undefined) return signOf(Number.parseInt(hex, 16));
    const sign = signNamed((name ?? bare)!);
    if (sign === undefined) unread.add(entity);
    return sign ?? entity;
  });

const signOf = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');

const MARKED =
  /^([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron|slash|strok|macr|breve|ogon|dot|dblac)$/;

function signNamed(name: string): string | undefined {
  const known = name.toLowerCase();
  return Object.hasOwn(NAMED, known) ? NAMED[known] : MARKED.exec(known)?.[1];
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", num: '#', dollar: '$', percnt: '%', ast: '*' },
  ...{
    lpar: '(',
    rpar: ')',
    plus: '+',
    comma: ',',
    period: '.',
    sol: '/',
    colon: ':',
    semi: ';',
    equals: '=',
  },
  ...{ commat: '@', lsqb: '[', rsqb: ']', lbrack: '[', rbrack: ']', bsol: '\\', hat: '^', lowbar: '_' },
  ...{ underbar: '_', grave: '`', lcub: '{', rcub: '}', verbar: '|', vert: '|', quest: '?', excl: '!' },
  ...{ hyphen: '-', dash: '-', ndash: '-', mdash: '-', minus: '-', middot: '·', bull: '•', hellip: '…' },
  ...{ tab: ' ', newline: ' ', nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', hairsp: ' ', numsp: ' ' },
  ...{ shy: '', zwj: '', zwnj: '', lrm: '', rlm: '', zerowidthspace: '', nobreak: '', wj: '' },
  ...{ szlig: 'ss', aelig: 'ae', oelig: 'oe', inodot: 'i', imath: 'i', eth: 'ð', thorn: 'þ' },
  ...{ lsquo: "'", rsquo: "'", ldquo: '"', rdquo: '"', laquo: '"', raquo: '"', copy: '©', reg: '®' },
  ...{ trade: '™', euro: '€', times: '×', rarr: '→', larr: '←', deg: '°', sect: '§' },
};
