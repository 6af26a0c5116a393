/**
 * What makes an XML text unfit to be parsed at all: a DOCTYPE, which may define entities that grow or name
 * files; a comment or CDATA section that never ends; more tags than `tagsMax`, counting both of a pair.
 * Undefined when nothing does. A DOCTYPE inside a comment or CDATA section is text, and fine.
 */
export function markupFault(text: string, tagsMax: number): string | undefined {
  return (
    declarationFault(text) ?? (hasMoreTags(text, tagsMax) ? `it has more than ${tagsMax} tags` : undefined)
  );
}

function hasMoreTags(text: string, tagsMax: number): boolean {
  let tags = 0;
  for (let at = text.indexOf('<'); at !== -1 && tags <= tagsMax; at = text.indexOf('<', at + 1)) tags += 1;
  return tags > tagsMax;
}

function declarationFault(text: string): string | undefined {
  for (let at = text.indexOf('<!'); at !== -1; at = text.indexOf('<!', at)) {
    const section = SECTIONS.find(({ begin }) => text.startsWith(begin, at));
    if (section === undefined) return `${placeIn(text, at)}: a DOCTYPE or other declaration is not allowed`;
    const end = text.indexOf(section.end, at + section.begin.length);
    if (end === -1) return `${placeIn(text, at)}: this ${section.name} never ends`;
    at = end + section.end.length;
  }
  return undefined;
}

const SECTIONS = [
  { begin: '<!--', end: '-->', name: 'comment' },
  { begin: '<![CDATA[', end: ']]>', name: 'CDATA section' },
] as const;

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with XML's own five entities and character references put in; all others stay as they are written. */
export function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi,
    (all, name, dec, hex) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

function placeIn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
}
