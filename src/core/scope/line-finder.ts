/** Tells the line, from 1, of offsets in a text; the text is read once, when it is first asked. */
export function lineFinder(text: string): (at: number) => number {
  let ends: number[] | undefined;
  return (at) => {
    ends ??= endsIn(text);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function endsIn(text: string): number[] {
  const ends: number[] = [];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) ends.push(end);
  return ends;
}
