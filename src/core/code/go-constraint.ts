/** When a file is built. `always`: on the usual machine, linux on amd64, without a tag. */
export type GoBuilt =
  | { readonly when: 'always' }
  /** With all of these tags. */
  | { readonly when: 'tags'; readonly tags: readonly string[] }
  /** Only on other systems or machines than linux on amd64. */
  | { readonly when: 'elsewhere' }
  /** By its name a file that the go command does not look at, or one that only `ignore` builds. */
  | { readonly when: 'never' };

const SYSTEMS =
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos';
const MACHINES =
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm';
const setOf = (words: string) => new Set(words.split(' '));
const SYSTEM = setOf(SYSTEMS);
const MACHINE = setOf(MACHINES);
const HERE = setOf('linux amd64 unix cgo gc');
const OWN_WORDS = setOf(`${SYSTEMS} ${MACHINES} unix cgo gc gccgo compiler_bootstrap race msan asan purego`);
const isRelease = (word: string) => /^go1(\.\d+)?$/.test(word);

const ALWAYS: GoBuilt = { when: 'always' };
const NEVER: GoBuilt = { when: 'never' };

/** When a file of this name with this `//go:build` expression is built. An expression that cannot be read builds always. */
export function goBuiltOf(name: string, constraint: string): GoBuilt {
  if (name.startsWith('_') || name.startsWith('.')) return NEVER;
  if (constraint === '' && !name.includes('_')) return ALWAYS;
  const expression = [suffixOf(name), constraint].filter((text) => text !== '').map((text) => `(${text})`);
  if (expression.length === 0) return ALWAYS;
  const judge = readExpression(expression.join(' && '));
  if (judge === undefined) return { when: 'always' };
  const builds = (more: readonly string[]) =>
    judge.holds((word) => HERE.has(word) || isRelease(word) || more.includes(word));
  if (builds([])) return { when: 'always' };
  const tags = judge.words.filter((word) => !OWN_WORDS.has(word) && !isRelease(word) && word !== 'ignore');
  const single = tags.find((tag) => builds([tag]));
  if (single !== undefined) return { when: 'tags', tags: [single] };
  if (tags.length > 0 && builds(tags)) return { when: 'tags', tags };
  return { when: judge.words.includes('ignore') ? 'never' : 'elsewhere' };
}

/** What `_GOOS`, `_GOARCH` or `_GOOS_GOARCH` at the end of a name asks for. */
function suffixOf(name: string): string {
  const bare = name.slice(0, name.indexOf('.') < 0 ? undefined : name.indexOf('.')).replace(/_test$/, '');
  const parts = bare.split('_').slice(1);
  const [before, last] = [parts.at(-2), parts.at(-1)];
  if (last === undefined) return '';
  if (MACHINE.has(last)) return before !== undefined && SYSTEM.has(before) ? `${before} && ${last}` : last;
  return SYSTEM.has(last) ? last : '';
}

type Expression = {
  readonly words: readonly string[];
  holds(isSet: (word: string) => boolean): boolean;
};
type Judge = (isSet: (word: string) => boolean) => boolean;

const DEPTH_MAX = 200;

/** `!a && (b || c)`; undefined when it is no such expression. */
function readExpression(text: string): Expression | undefined {
  const tokens = text.match(/&&|\|\||[!()]|[\p{L}\p{Nd}_.]+|\S/gu) ?? [];
  const words = new Set<string>();
  let at = 0;
  let depth = 0;
  const any = (): Judge | undefined => chain('||', all, (a, b) => (isSet) => a(isSet) || b(isSet));
  const all = (): Judge | undefined => chain('&&', one, (a, b) => (isSet) => a(isSet) && b(isSet));
  const chain = (
    mark: string,
    part: () => Judge | undefined,
    join: (a: Judge, b: Judge) => Judge,
  ): Judge | undefined => {
    let left = part();
    while (left && tokens[at] === mark) {
      at += 1;
      const right = part();
      left = right && join(left, right);
    }
    return left;
  };
  const one = (): Judge | undefined => {
    const token = tokens[at];
    at += 1;
    if (token === undefined || depth > DEPTH_MAX) return undefined;
    if (token === '!') {
      depth += 1;
      const inner = one();
      depth -= 1;
      return inner && ((isSet) => !inner(isSet));
    }
    if (token === '(') {
      depth += 1;
      const inner = any();
      depth -= 1;
      at += 1;
      return tokens[at - 1] === ')' ? inner : undefined;
    }
    if (!/^[\p{L}\p{Nd}_.]+$/u.test(token)) return undefined;
    words.add(token);
    return (isSet) => isSet(token);
  };
  const judge = any();
  return judge && at === tokens.length ? { words: [...words], holds: judge } : undefined;
}
