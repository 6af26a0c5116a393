/** One message of a server-sent event stream; `id` only when the message carries one. */
export type SseMessage = { readonly event: string; readonly data: string; readonly id?: string };

/**
 * Reads an event stream piece by piece, wherever the network cut it (WHATWG HTML §9.2.6).
 * Returns the messages that are complete so far; comments (heartbeats) give none.
 */
export function sseReader(): (piece: string) => SseMessage[] {
  let rest = '';
  let lines: string[] = [];
  return (piece) => {
    const parts = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    const complete: SseMessage[] = [];
    for (const line of parts) {
      if (line !== '') {
        lines.push(line);
        continue;
      }
      const message = messageOf(lines);
      lines = [];
      if (message !== undefined) complete.push(message);
    }
    return complete;
  };
}

function messageOf(lines: readonly string[]): SseMessage | undefined {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  if (data.length === 0) return undefined;
  return { event, data: data.join('\n'), ...(id === undefined ? {} : { id }) };
}
