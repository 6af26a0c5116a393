/** Text for logs, without what looks like a token, or a name and password in an address. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 ***')
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .replace(/\b(password|token|secret)(["']?\s*[=:]\s*["']?)[^\s"',;}]+/gi, '$1$2***');
}
