/** Those who can do what is refused, for whoever reads the reason: nobody where the reason names each of them already. */
export function whoElse(because: string, whoCan: readonly string[]): readonly string[] {
  const words = ` ${because.replace(/[.,:;()]+(?=\s|$)/g, '')} `;
  return whoCan.every((one) => words.includes(` ${one} `)) ? [] : whoCan;
}
