/**
 * A glob over paths of a repository: `*` and `?` stay in one folder, `**` goes through any number, `{a,b}` is one of
 * both, `[a-c]` one sign. A folder's name stands for all below it. undefined when it is not well formed.
 */
export function globOf(pattern: string): RegExp | undefined {
  const text = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  if (text === '' || text.length > 500) return undefined;
  const parts = text.match(/\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]/]+\]|\{|\}|,|\\.|[\s\S]/gu) ?? [];
  let depth = 0;
  let source = '';
  for (const part of parts) {
    if (part === '{') depth += 1;
    if (part === '}') depth -= 1;
    if (depth < 0) return undefined;
    source += partOf(part, depth);
  }
  if (depth !== 0) return undefined;
  try {
    return new RegExp(`^(?:${source})(?:/.*)?$`, 'su');
  } catch {
    return undefined;
  }
}

function partOf(part: string, depth: number): string {
  if (part === '**/') return '(?:[^/]+/)*';
  if (part === '/**') return '/.*';
  if (part === '**') return '.*';
  if (part.startsWith('*')) return '[^/]*';
  if (part === '?') return '[^/]';
  if (part === '{') return '(?:';
  if (part === '}') return ')';
  if (part === ',') return depth > 0 ? '|' : ',';
  if (part.length > 2 && part.startsWith('[')) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
  return part.replace(/^\\(?=.)/s, '').replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}
