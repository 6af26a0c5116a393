import { plain } from './texts.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with XML's own five entities and character references put in; all others stay as they are written. */
export function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#0*(\d{1,7})|#x0*([0-9a-f]{1,6}));/gi,
    (all, name, dec, hex) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** What an attribute says, for judging it: with its entities put in, and without blanks and unseen characters around it. */
export function said(attributes: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = attributes.get(name);
  return text === undefined ? undefined : plain(unescaped(text)).trim();
}
