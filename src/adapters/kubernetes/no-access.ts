/** There is no way to an API server here; the message says what was looked for and what to do. */
export class NoAccess extends Error {
  override name = 'NoAccess';
}
