import type { Command, Option } from 'commander';
import { isFixId } from '../../core/base/ids.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { FixRow } from '../../core/views/list-view.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { clean } from '../render/paper.ts';
import type { Items } from '../shapes.ts';

const SHELLS: Readonly<Record<string, string>> = {
  bash: `_fleetfix() {
  local line IFS=$'\\n'
  COMPREPLY=()
  for line in $(fleetfix __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done
}
complete -o default -F _fleetfix fleetfix
`,
  zsh: `#compdef fleetfix
_fleetfix() {
  local -a found
  local line
  for line in \${(f)"$(fleetfix __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe fleetfix found
}
compdef _fleetfix fleetfix
`,
  fish: `function __fleetfix_complete
  set -l words (commandline -opc) (commandline -ct)
  fleetfix __complete -- $words[2..-1] 2>/dev/null
end
complete -c fleetfix -f -a '(__fleetfix_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName fleetfix -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  fleetfix __complete -- @words 2>$null | ForEach-Object {
    $parts = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $parts[-1])
  }
}
`,
};

/** Prints the completion script of a shell. */
export async function completion(context: Context, shell: string): Promise<ExitCode> {
  const script = SHELLS[shell];
  if (!script) throw misuse(`completion ${shell}: expected one of ${Object.keys(SHELLS).join(', ')}`);
  context.out.data(script);
  return EXIT.done;
}

/** Prints what may follow, one `word<TAB>description` a line. Silent whatever goes wrong. */
export async function complete(
  context: Context,
  program: Command,
  words: readonly string[],
): Promise<ExitCode> {
  const found = await candidates(context, program, words).catch(() => []);
  const current = words.at(-1) ?? '';
  for (const [word, description] of found)
    if (word.startsWith(current)) context.out.data(`${clean(word)}\t${clean(description)}\n`);
  return EXIT.done;
}

type Candidate = readonly [word: string, description: string];

async function candidates(
  context: Context,
  program: Command,
  words: readonly string[],
): Promise<Candidate[]> {
  const before = words.slice(0, -1);
  const { verb, depth } = verbOf(program, before);
  const current = words.at(-1) ?? '';
  const flag = before.at(-1) ?? '';
  if (flag.startsWith('-')) {
    const option = [...verb.options, ...program.options].find((o) => o.long === flag || o.short === flag);
    if (option && isStageName(option)) return await stageNames(context, words);
    if (option && !option.isBoolean())
      return await valuesOf(
        context,
        (option.long === '--for' || option.long === '--without') && verb.name() === 'get'
          ? '[fix]'
          : option.description,
        option.argChoices,
      );
  }
  if (current.startsWith('-'))
    return [...verb.options, ...program.options]
      .filter((o) => o.long && !o.hidden)
      .map((o) => [o.long!, o.description]);
  const commands = verb.commands.filter((c) => !c.name().startsWith('__'));
  if (commands.length > 0) return commands.map((c) => [c.name(), c.description()]);
  const argument = verb.registeredArguments[argumentIndex(verb, before.slice(depth))];
  if (!argument) return [];
  return await valuesOf(context, argument.name() === 'fix' ? '[fix]' : argument.description, undefined);
}

/** `--from`, and `--stage` where it is not one of a closed list. */
const isStageName = ({ long, description }: Option): boolean =>
  (long === '--from' || long === '--stage') && !CHOICES.test(description);

/** Of the fix that the words name. */
async function stageNames({ client }: Context, words: readonly string[]): Promise<Candidate[]> {
  const fix = words.map((word) => word.toUpperCase()).find(isFixId);
  if (fix === undefined) return [];
  const response = await client.raw('GET', `/api/fixes/${fix}`, { timeoutMs: QUICK_MS });
  const { rollout } = (await response.json()) as FixView;
  return rollout.map((row) => [row.name, `${row.state}, ${row.done} of ${row.targets} done`]);
}

/** The innermost verb that the words name, and how many words it took. */
function verbOf(program: Command, words: readonly string[]): { verb: Command; depth: number } {
  let verb = program;
  let depth = 0;
  for (const [i, word] of words.entries()) {
    const inner = verb.commands.find((c) => c.name() === word);
    if (!inner) continue;
    verb = inner;
    depth = i + 1;
  }
  return { verb, depth };
}

function argumentIndex(verb: Command, words: readonly string[]): number {
  let index = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith('-') || word === '-') index++;
    else if (verb.options.some((o) => (o.long === word || o.short === word) && !o.isBoolean())) i++;
  }
  return index;
}

const QUICK_MS = 1_000;

/** The closed list that a description leads with. */
const CHOICES = /^[\w=-]+(?:\|[\w=-]+)+/;

/** Words for one place: fix ids from the hub, a closed list, or the `a|b|c` its description leads with. */
async function valuesOf(
  context: Context,
  description: string,
  choices: readonly string[] | undefined,
): Promise<Candidate[]> {
  if (description === '[fix]') return await fixIds(context);
  const listed = choices ?? CHOICES.exec(description)?.[0].split('|') ?? [];
  return listed.map((word) => [word, '']);
}

async function fixIds({ client }: Context): Promise<Candidate[]> {
  const response = await client.raw('GET', '/api/fixes', { query: { open: true }, timeoutMs: QUICK_MS });
  const { items } = (await response.json()) as Items<FixRow>;
  return items.map((fix) => [fix.id, `${fix.state}: ${fix.title}`]);
}
