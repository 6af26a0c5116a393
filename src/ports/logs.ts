/** What builds and gates print, kept by name. */
export interface Logs {
  /** Appends to the log of that name: gates of one line share it. */
  writer(name: string): LogWriter;
  /** The end of the log, at most 1 MiB; undefined when there is none. */
  read(name: string): Promise<string | undefined>;
}

export type LogWriter = { write(chunk: string): void; close(): Promise<void> };
