/** What a scanner tells while it reads. Names of elements come without their prefix; values of attributes as they are written. */
export type ScanEvents = {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  /** A piece of text; a long one comes in many. `isCdata`: no entity is one in it. */
  text(piece: string, isCdata: boolean): void;
  close(name: string): void;
};

export type Scanner = {
  /** Takes the next piece of the text. Throws a `ScanFault`. */
  write(piece: string): void;
  /** Says that the text is over. Throws a `ScanFault` when it ends too early. */
  end(): void;
};

/** What makes a text no XML that is read; the message is one line, with its place. */
export class ScanFault extends Error {
  override name = 'ScanFault';
}

export type ScanLimits = {
  readonly depthMax: number;
  /** Characters of one tag with all its attributes. */
  readonly tagCharsMax: number;
  /** Tags, counting both of a pair. */
  readonly tagsMax: number;
};

const SECTIONS = [
  { mode: 'comment', begin: '<!--', end: '-->', name: 'comment' },
  { mode: 'cdata', begin: '<![CDATA[', end: ']]>', name: 'CDATA section' },
  { mode: 'instruction', begin: '<?', end: '?>', name: 'processing instruction' },
] as const;
type Section = (typeof SECTIONS)[number];

/**
 * Reads XML in pieces and keeps no more of it than the tag it is in, so that a report may be larger than memory.
 * Never reads a DOCTYPE: it may define entities that grow or name files. Stricter than it must be in nothing else:
 * control characters, a bare `&` and `<` inside an attribute are what test output has.
 */
export function createScanner(events: ScanEvents, limits: ScanLimits): Scanner {
  return new PieceScanner(events, limits);
}

class PieceScanner implements Scanner {
  readonly #events: ScanEvents;
  readonly #limits: ScanLimits;
  readonly #open: string[] = [];
  #rest = '';
  #at = 0;
  #section: { readonly of: Section; readonly place: string } | undefined;
  #line = 1;
  #column = 1;
  /** Where the next line break is; -1: not looked for yet. */
  #lineBreak = -1;
  #tags = 0;
  #hasRoot = false;

  constructor(events: ScanEvents, limits: ScanLimits) {
    this.#events = events;
    this.#limits = limits;
  }

  write(piece: string): void {
    this.#rest = this.#at >= this.#rest.length ? piece : this.#rest.slice(this.#at) + piece;
    this.#at = 0;
    this.#lineBreak = -1;
    this.#advance(false);
  }

  end(): void {
    this.#advance(true);
    if (this.#section)
      throw new ScanFault(`${this.#section.place}: this ${this.#section.of.name} never ends`);
    if (this.#at < this.#rest.length || this.#open.length > 0)
      throw new ScanFault('it ends in the middle: an element is never closed');
    if (!this.#hasRoot) throw new ScanFault('it is empty');
  }

  #advance(isEnd: boolean): void {
    while (this.#at < this.#rest.length) {
      const moved = this.#section ? this.#inSection(this.#section.of, isEnd) : this.#inContent(isEnd);
      if (!moved) return;
    }
  }

  /** Goes to the end of the section, or as far as it surely goes. False: more text is needed. */
  #inSection({ mode, end }: Section, isEnd: boolean): boolean {
    const found = this.#rest.indexOf(end, this.#at);
    const to = found === -1 ? this.#rest.length - (isEnd ? 0 : end.length - 1) : found;
    if (mode === 'cdata' && to > this.#at) this.#text(this.#rest.slice(this.#at, to), true);
    if (found === -1) {
      if (to > this.#at) this.#moveTo(to);
      return false;
    }
    this.#moveTo(found + end.length);
    this.#section = undefined;
    return true;
  }

  #inContent(isEnd: boolean): boolean {
    const next = this.#rest.indexOf('<', this.#at);
    const to = next === -1 ? this.#rest.length : next;
    if (to > this.#at) {
      this.#text(this.#rest.slice(this.#at, to), false);
      this.#moveTo(to);
      return true;
    }
    const second = this.#rest[this.#at + 1];
    if (second === undefined) return false;
    return second === '!' || second === '?' ? this.#beginSection(isEnd) : this.#tag();
  }

  #beginSection(isEnd: boolean): boolean {
    const section = SECTIONS.find(({ begin }) => this.#rest.startsWith(begin, this.#at));
    if (section) {
      this.#section = { of: section, place: this.#place(this.#at) };
      this.#moveTo(this.#at + section.begin.length);
      return true;
    }
    const here = this.#rest.slice(this.#at, this.#at + 9);
    if (!isEnd && SECTIONS.some(({ begin }) => begin.startsWith(here))) return false;
    return this.#fault(this.#at, 'a DOCTYPE or other declaration is not allowed');
  }

  #text(piece: string, isCdata: boolean): void {
    if (this.#open.length > 0) this.#events.text(piece, isCdata);
    else if (isCdata || /[^\s\ufeff]/.test(piece))
      this.#fault(this.#at, `text ${this.#hasRoot ? 'after' : 'before'} the root element`);
  }

  /** Reads one tag whole. False: its end has not come yet. */
  #tag(): boolean {
    const start = this.#at;
    const isClosing = this.#rest[start + 1] === '/';
    const tag = readTag(this.#rest, start + (isClosing ? 2 : 1));
    if (tag === undefined) {
      if (this.#rest.length - start > this.#limits.tagCharsMax)
        this.#fault(start, `a tag has more than ${this.#limits.tagCharsMax} characters`);
      return false;
    }
    if ('fault' in tag) return this.#fault(tag.at, tag.fault);
    this.#tags += 1;
    if (this.#tags > this.#limits.tagsMax)
      throw new ScanFault(`it has more than ${this.#limits.tagsMax} tags`);
    if (isClosing) this.#close(start, tag);
    else this.#begin(start, tag);
    this.#moveTo(tag.end);
    return true;
  }

  #begin(start: number, { name, attributes, isEmpty }: Tag): void {
    if (this.#open.length === 0 && this.#hasRoot)
      this.#fault(start, 'it has several root elements; a report has one');
    if (this.#open.length >= this.#limits.depthMax)
      this.#fault(start, `elements are nested deeper than ${this.#limits.depthMax}`);
    this.#hasRoot = true;
    this.#events.open(bare(name), attributes);
    if (isEmpty) this.#events.close(bare(name));
    else this.#open.push(name);
  }

  #close(start: number, { name, attributes, isEmpty }: Tag): void {
    const opened = this.#open.pop();
    if (opened !== name || attributes.size > 0 || isEmpty)
      this.#fault(
        start,
        opened === undefined ? `</${shown(name)}> closes nothing` : `expected </${shown(opened)}>`,
      );
    this.#events.close(bare(name));
  }

  /** Steps forward; lines are counted on the way. The next line break is looked for once, however many steps lead to it. */
  #moveTo(to: number): void {
    while (this.#lineBreak < to) {
      if (this.#lineBreak >= this.#at) {
        this.#line += 1;
        this.#column = 1;
        this.#at = this.#lineBreak + 1;
      }
      const next = this.#rest.indexOf('\n', this.#lineBreak + 1);
      this.#lineBreak = next < 0 ? Number.POSITIVE_INFINITY : next;
    }
    this.#column += to - this.#at;
    this.#at = to;
  }

  #place(at: number): string {
    this.#moveTo(at);
    return `line ${this.#line}, column ${this.#column}`;
  }

  #fault(at: number, what: string): never {
    throw new ScanFault(`${this.#place(at)}: ${what}`);
  }
}

type Tag = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
  /** Where the text goes on. */
  readonly end: number;
};
type TagFault = { readonly fault: string; readonly at: number };

const NONE: ReadonlyMap<string, string> = new Map();
const NAME = /[^\s/>"'<=]*/y;
const SPACE = /\s*/y;
const after = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
};

/** The tag whose name begins at `at`; undefined when the text ends before it does. */
function readTag(text: string, at: number): Tag | TagFault | undefined {
  const nameEnd = after(NAME, text, at);
  const name = text.slice(at, nameEnd);
  if (nameEnd >= text.length) return undefined;
  if (!/^[\p{L}_]/u.test(name)) return { fault: 'expected the name of an element after <', at };
  let attributes: Map<string, string> | undefined;
  for (let from = nameEnd; ; ) {
    const next = after(SPACE, text, from);
    const sign = text[next];
    if (sign === '>') return { name, attributes: attributes ?? NONE, isEmpty: false, end: next + 1 };
    if (sign === undefined || (sign === '/' && next + 1 >= text.length)) return undefined;
    if (sign === '/' && text[next + 1] === '>')
      return { name, attributes: attributes ?? NONE, isEmpty: true, end: next + 2 };
    if (next === from) return { fault: `expected a space or > in <${shown(name)}>`, at: next };
    const found = readAttribute(text, next);
    if (found === undefined || 'fault' in found) return found;
    attributes ??= new Map();
    if (attributes.has(found.name))
      return { fault: `attribute ${shown(found.name)} is there twice`, at: next };
    attributes.set(found.name, found.value);
    from = found.end;
  }
}

type Attribute = { readonly name: string; readonly value: string; readonly end: number };

function readAttribute(text: string, at: number): Attribute | TagFault | undefined {
  const nameEnd = after(NAME, text, at);
  const equals = after(SPACE, text, nameEnd);
  const start = after(SPACE, text, equals + 1);
  if (equals >= text.length || (text[equals] === '=' && start >= text.length)) return undefined;
  const quote = text[start];
  if (nameEnd === at || text[equals] !== '=' || (quote !== '"' && quote !== "'"))
    return { fault: 'expected attributes as name="value"', at };
  const end = text.indexOf(quote, start + 1);
  if (end === -1) return undefined;
  return { name: text.slice(at, nameEnd), value: text.slice(start + 1, end), end: end + 1 };
}

const bare = (name: string): string => name.slice(name.indexOf(':') + 1);
const shown = (name: string): string => name.slice(0, 60);
