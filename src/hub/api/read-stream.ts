/** One server-sent event as a test sees it; a comment has no event and no data. */
export type Told = {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
  readonly comment?: string;
};

/** Reads a stream of events one by one. `next` waits until there is one; undefined when the stream has ended. */
export function readStream(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Told | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const told = parse(text.slice(0, end));
        text = text.slice(end + 2);
        if (told) return told;
        continue;
      }
      const { value, done } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  return {
    next,
    async take(count: number): Promise<Told[]> {
      const told: Told[] = [];
      while (told.length < count) {
        const one = await next();
        if (!one) break;
        if (one.comment === undefined) told.push(one);
      }
      return told;
    },
    cancel: () => reader.cancel(),
  };
}

function parse(block: string): Told | undefined {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  const [id, event, data, comment] = [
    field('id'),
    field('event'),
    field('data'),
    /^: ?(.*)$/m.exec(block)?.[1],
  ];
  if (event === undefined && comment === undefined) return undefined;
  return {
    ...(id !== undefined && { id }),
    ...(event !== undefined && { event }),
    ...(data !== undefined && { data: JSON.parse(data) }),
    ...(comment !== undefined && { comment }),
  };
}
