/** A statement at the top of a script, by the first name it makes. Lines from 1, the last one in it. */
export type ScriptPiece = { readonly name: string; readonly from: number; readonly to: number };

const BEGINS =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|class|const\s+enum|const|let|var|interface|type|enum|namespace)\s+([\w$]+)/;

/** Top statements that make a name, by lines that begin without a blank, as formatters leave them. */
export function scriptPieces(text: string): ScriptPiece[] {
  const pieces: { name: string; from: number; to: number }[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const name = BEGINS.exec(line)?.[1];
    if (name !== undefined) pieces.push({ name, from: number, to: number });
    else if (/^\S/.test(line) && !/^[)}\]>|&?:.]/.test(line))
      pieces.push({ name: '', from: number, to: number });
    else if (pieces.length > 0 && line.trim() !== '') pieces.at(-1)!.to = number;
  }
  return pieces.filter(({ name }) => name !== '');
}
