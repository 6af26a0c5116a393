/** A piece of a line. `tone`: whether it is good, bad or to be looked at; the words say it too. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly strong: string; readonly tone?: 'good' | 'bad' | 'look' };

export type Line = readonly Inline[];

export type Item = { readonly is: Line; readonly below?: readonly Line[] };

/** A part of a document. `todo`: each is ticked by hand when it is done. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly is: Line }
  | { readonly kind: 'text'; readonly is: Line }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, Line])[] }
  | {
      readonly kind: 'list';
      readonly items: readonly Item[];
      readonly ordered?: true;
      readonly todo?: true;
    }
  | { readonly kind: 'command'; readonly what: string; readonly command: string };

export type Document = { readonly title: string; readonly blocks: readonly Block[] };
