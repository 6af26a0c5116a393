import sax, { type SAXParser } from 'sax';

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
  /** Characters of one tag with all its attributes, and of one comment; the piece in which it ends may be above it. */
  readonly tagCharsMax: number;
  /** Tags, counting both of a pair. */
  readonly tagsMax: number;
};

// What is in a buffer is bounded by `tagCharsMax`, and text is taken out of it after each piece.
Object.assign(sax, { MAX_BUFFER_LENGTH: Number.POSITIVE_INFINITY });

/**
 * Reads XML in pieces and keeps no more of it than the tag it is in, so that a report may be larger than memory.
 * Never reads a DOCTYPE: it may define entities that grow or name files. Stricter than it must be in nothing else:
 * control characters, a bare `&` and `<` inside an attribute are what test output has.
 */
export function createScanner(events: ScanEvents, limits: ScanLimits): Scanner {
  return new SaxScanner(events, limits);
}

/** What the parser has beside what its types tell of. `c`: the character it reads. `sgmlDecl`: what is behind `<!`. */
type Parser = SAXParser & { readonly c: string; readonly sgmlDecl: string; readonly state: number };

class SaxScanner implements Scanner {
  readonly #events: ScanEvents;
  readonly #limits: ScanLimits;
  readonly #parser = sax.parser(true) as Parser;
  readonly #open: string[] = [];
  #attributes = new Map<string, string>();
  #tags = 0;
  #dashes = 0;
  #hasRoot = false;
  /** The piece that is read, and where it begins: characters before it, and its place. */
  #piece = { text: '', from: 0, line: 1, column: 1 };
  /** Where the markup begins that is read, when it does in a piece before this one. */
  #began = '';

  constructor(events: ScanEvents, limits: ScanLimits) {
    this.#events = events;
    this.#limits = limits;
    const parser = this.#parser;
    // It tells of a second DOCTYPE where it begins, so it is told that there was one.
    Object.assign(parser, { doctype: true });
    // It drops an attribute that is there twice, and stumbles over one that is called as what it asks here.
    const attributes = Object.freeze({ hasOwnProperty: (name: string) => this.#isKnown(name) });
    // Set one by one: an object whose fields are set in a loop is read three times as slowly.
    parser.onerror = ({ message }) => this.#problem(message.split('\n', 1)[0]!);
    parser.onsgmldeclaration = () => this.#faultOfMarkup(DECLARATION);
    parser.onprocessinginstruction = ({ body }) => this.#instruction(body);
    parser.ontext = (text) => this.#text(text, false);
    parser.onopencdata = () => {
      if (this.#open.length === 0) this.#faultOfMarkup(this.#outside());
      // It takes `<![cdata[` for the same.
      if (parser.sgmlDecl !== '[CDATA') this.#faultOfMarkup('CDATA is written in capitals');
    };
    parser.oncdata = (text) => this.#text(text, true);
    parser.onopentagstart = (tag) => {
      // It takes `< a` for `<a`.
      if (parser.position - parser.startTagPosition > tag.name.length + 1)
        this.#faultOfMarkup('expected the name of an element after <');
      this.#attributes = new Map();
      tag.attributes = attributes as never;
    };
    parser.onattribute = ({ name, value }) => void this.#attributes.set(name, withAmpersands(value));
    parser.onopentag = ({ name }) => this.#begin(name);
    parser.onclosetag = (name) => this.#close(name);
  }

  write(piece: string): void {
    const { position, line, column } = this.#parser;
    this.#piece = { text: withoutAmpersands(piece), from: position, line: line + 1, column: column + 1 };
    this.#parser.write(this.#piece.text);
    this.#parser.flush();
    const state = this.#state();
    if (/^(BEGIN|TEXT)/.test(state)) return;
    this.#began = this.#placeOfMarkup();
    const chars = this.#parser.position - this.#parser.startTagPosition;
    if (chars >= this.#limits.tagCharsMax && !state.startsWith('CDATA'))
      this.#faultOfMarkup(`a tag has more than ${this.#limits.tagCharsMax} characters`);
  }

  end(): void {
    const state = this.#state();
    const section = UNENDED.find(([pattern]) => pattern.test(state));
    if (section) this.#faultOfMarkup(section[1]);
    if (this.#open.length > 0 || !/^(BEGIN|TEXT)/.test(state))
      throw new ScanFault('it ends in the middle: an element is never closed');
    if (!this.#hasRoot) throw new ScanFault('it is empty');
  }

  /** What the parser takes for a fault. It goes on behind it when nothing is thrown. */
  #problem(what: string): void {
    if (this.#isHarmless(what)) return void this.#parser.resume();
    if (OUTSIDE.test(what)) this.#fault(this.#outside());
    if (what.startsWith('Inappropriately located doctype')) this.#faultOfMarkup(DECLARATION);
    if (what === 'Unexpected close tag') this.#faultOfMarkup(`expected </${shown(this.#open.at(-1)!)}>`);
    const closing = /^Unmatched closing tag: (.*)/.exec(what);
    if (closing) this.#faultOfMarkup(`</${shown(closing[1]!)}> closes nothing`);
    this.#fault(shown(what));
  }

  #isHarmless(what: string): boolean {
    const { c } = this.#parser;
    if (OUTSIDE.test(what)) return c === '\ufeff';
    // `--` inside a comment is as plain as it is wrong; but behind `--->` it would take everything for the comment.
    if (what !== 'Malformed comment' || c === '-') return false;
    this.#dashes += 1;
    return this.#dashes <= DASHES_MAX;
  }

  #outside(): string {
    return `text ${this.#hasRoot ? 'after' : 'before'} the root element`;
  }

  /** It misses the end of one behind a second `?`, and takes what follows for the rest. */
  #instruction(body: string): void {
    if (body.includes('?>')) this.#faultOfMarkup('this processing instruction ends with ??>');
  }

  #text(text: string, isCdata: boolean): void {
    if (this.#open.length > 0) this.#events.text(withAmpersands(text), isCdata);
  }

  #isKnown(attribute: string): boolean {
    return this.#attributes.has(attribute) && this.#fault(`attribute ${shown(attribute)} is there twice`);
  }

  #begin(name: string): void {
    if (this.#open.length === 0 && this.#hasRoot)
      this.#faultOfMarkup('it has several root elements; a report has one');
    if (this.#open.length >= this.#limits.depthMax)
      this.#faultOfMarkup(`elements are nested deeper than ${this.#limits.depthMax}`);
    this.#countTag();
    this.#hasRoot = true;
    this.#open.push(name);
    this.#events.open(bare(name), this.#attributes);
  }

  #close(name: string): void {
    if (!this.#parser.tag.isSelfClosing) this.#countTag();
    this.#open.pop();
    this.#events.close(bare(name));
  }

  #countTag(): void {
    this.#tags += 1;
    if (this.#tags > this.#limits.tagsMax)
      throw new ScanFault(`it has more than ${this.#limits.tagsMax} tags`);
  }

  #state(): string {
    return STATES[this.#parser.state]!;
  }

  /** Where the markup begins that is read; the parser knows how many characters are before it. */
  #placeOfMarkup(): string {
    const { text, from, line, column } = this.#piece;
    const at = this.#parser.startTagPosition - 1 - from;
    if (!(at >= 0)) return this.#began;
    const lines = text.slice(0, at).split('\n');
    const before = lines.at(-1)!.length;
    return place(line + lines.length - 1, lines.length === 1 ? column + before : 1 + before);
  }

  #faultOfMarkup(what: string): never {
    throw new ScanFault(`${this.#placeOfMarkup()}: ${what}`);
  }

  #fault(what: string): never {
    const { line, column } = this.#parser;
    throw new ScanFault(`${place(line + 1, column)}: ${what}`);
  }
}

const STATES = (sax as unknown as { STATE: readonly string[] }).STATE;
const DECLARATION = 'a DOCTYPE or other declaration is not allowed';
const OUTSIDE = /^(Non-whitespace before|Text data outside)/;
/** How often `--` may be inside comments; each takes the parser 20 microseconds, for an `Error` with its stack. */
const DASHES_MAX = 1_000;
const UNENDED = [
  [/^COMMENT/, 'this comment never ends'],
  [/^CDATA/, 'this CDATA section never ends'],
  [/^PROC_INST/, 'this processing instruction never ends'],
  [/^SGML_DECL/, DECLARATION],
] as const;

// The parser takes a `&` that begins no entity for one, and what follows, a quote or a tag, for text. It is shown a
// sign that cannot be in XML in its place, so that every `&` stays as it is written. No larger one than a byte: a text
// with one takes twice as long.
const AMPERSAND = '\0';
const SUBSTITUTE = '\u001a';
const withoutAmpersands = (text: string): string =>
  exchanged(exchanged(text, AMPERSAND, SUBSTITUTE), '&', AMPERSAND);
const withAmpersands = (text: string): string => exchanged(text, AMPERSAND, '&');

const PART_CHARS = 16 * 1024;
const units = new Uint16Array(PART_CHARS);
const bytes = Buffer.from(units.buffer);
/** The number that a sign is in `units`, whichever of its bytes this machine has first. */
const unitOf = (sign: string): number => {
  bytes.write(sign, 'utf16le');
  return units[0]!;
};

/** `text` with one sign in place of another. `replaceAll` takes a second for some megabytes of nothing but that sign. */
function exchanged(text: string, sign: string, by: string): string {
  if (text.length < 1_000) return text.replaceAll(sign, by);
  if (!text.includes(sign)) return text;
  const [from, to] = [unitOf(sign), unitOf(by)];
  let all = '';
  for (let start = 0; start < text.length; start += PART_CHARS) {
    const end = bytes.write(text.slice(start, start + PART_CHARS), 'utf16le');
    for (let at = 0; at < end / 2; at += 1) if (units[at] === from) units[at] = to;
    all += bytes.toString('utf16le', 0, end);
  }
  return all;
}

const place = (line: number, column: number): string => `line ${line}, column ${column}`;
const bare = (name: string): string => name.slice(name.indexOf(':') + 1);
const shown = (name: string): string => name.slice(0, 60);
