const TONES: Readonly<Record<string, string>> = { '+': 'ff-line-in', '-': 'ff-line-out', '@': 'ff-line-at' };

/** Lines of a patch: what comes in and goes out is told by its sign, colour only repeats it. */
export function PatchText({ lines }: { lines: readonly string[] }) {
  return (
    <pre className="ff-code">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines repeat, and never move
        <span key={i} className={`ff-line ${TONES[line[0] ?? ''] ?? ''}`}>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  );
}
