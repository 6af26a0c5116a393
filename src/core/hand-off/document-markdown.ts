import type { Block, Document, Inline, Item, Line } from './document.ts';
import { markdownCode, markdownText, plainText } from './plain.ts';

/** A document as Markdown for a ticket: headings, lists and code, no tables and no HTML. */
export const toMarkdown = ({ blocks }: Document): string => `${blocks.map(blockText).join('\n\n')}\n`;

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${lineText(block.is)}`;
    case 'text':
      return lineText(block.is);
    case 'facts':
      return block.rows.map(([name, is]) => `- **${markdownText(name)}**: ${lineText(is)}`).join('\n');
    case 'list':
      return block.items.map((item, at) => itemText(item, block, at)).join('\n');
    case 'command':
      return `${markdownText(block.what)}:\n\n    ${plainText(block.command)}`;
  }
}

function itemText({ is, below = [] }: Item, list: Block & { kind: 'list' }, at: number): string {
  const mark = list.ordered ? `${at + 1}. ` : '- ';
  const indent = ' '.repeat(mark.length);
  return [
    `${mark}${list.todo ? '[ ] ' : ''}${lineText(is)}`,
    ...below.map((line) => `${indent}- ${lineText(line)}`),
  ].join('\n');
}

const lineText = (line: Line): string => line.map(inlineText).join('').trim();

function inlineText(one: Inline): string {
  if (typeof one === 'string') return spaced(one, markdownText);
  if ('code' in one) return markdownCode(one.code);
  return one.strong.trim() === '' ? '' : `**${markdownText(one.strong)}**`;
}

/** Escaping takes the spaces at the ends away; between the pieces of a line they count. */
const spaced = (text: string, escaped: (text: string) => string): string =>
  `${/^\s/.test(text) ? ' ' : ''}${escaped(text)}${/\S\s$/.test(text) ? ' ' : ''}`;
