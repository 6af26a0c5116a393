import type { Block, Document, Inline, Item, Line } from './document.ts';
import { htmlText } from './plain.ts';

/**
 * A document as one page of HTML that needs nothing else: no script, nothing loaded, its one style in it. It fits 360
 * pixels and paper, in light and dark.
 */
export const toHtml = ({ title, blocks }: Document): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>${htmlText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${blocks.map(blockHtml).join('\n')}
</main>
</body>
</html>
`;

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${lineHtml(block.is)}</h${block.level}>`;
    case 'text':
      return `<p>${lineHtml(block.is)}</p>`;
    case 'facts':
      return `<dl>${block.rows.map(([name, is]) => `<div><dt>${htmlText(name)}</dt><dd>${lineHtml(is)}</dd></div>`).join('\n')}</dl>`;
    case 'list':
      return listHtml(block);
    case 'command':
      return `<p class="what">${htmlText(block.what)}</p>\n<pre><code>${htmlText(block.command)}</code></pre>`;
  }
}

function listHtml({ items, ordered, todo }: Block & { kind: 'list' }): string {
  const tag = ordered ? 'ol' : 'ul';
  const box = todo ? '<span class="box" aria-hidden="true"></span>' : '';
  return `<${tag}${todo ? ' class="todo"' : ''}>\n${items.map((item) => itemHtml(item, box)).join('\n')}\n</${tag}>`;
}

const itemHtml = ({ is, below = [] }: Item, box: string): string =>
  `<li>${box}${lineHtml(is)}${below.length === 0 ? '' : `<ul>${below.map((line) => `<li>${lineHtml(line)}</li>`).join('')}</ul>`}</li>`;

const lineHtml = (line: Line): string => line.map(inlineHtml).join('');

function inlineHtml(one: Inline): string {
  if (typeof one === 'string')
    return `${/^\s/.test(one) ? ' ' : ''}${htmlText(one)}${/\S\s$/.test(one) ? ' ' : ''}`;
  if ('code' in one) return `<code>${htmlText(one.code)}</code>`;
  return `<strong${one.tone === undefined ? '' : ` class="${one.tone}"`}>${htmlText(one.strong)}</strong>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1d21; --soft: #565b63; --paper: #ffffff; --field: #f2f3f5; --rule: #d5d8dd; --good: #1d6b2e; --bad: #b01818; --look: #7a4d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #aab0b8; --paper: #15171a; --field: #22262b; --rule: #3a4048; --good: #7fd492; --bad: #ff9c94; --look: #f0c060; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 52rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0 .75rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .75rem; border-top: 2px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .4rem 0; }
p.what { color: var(--soft); margin: .6rem 0 .1rem; }
code { font: .875em/1.45 ui-monospace, monospace; background: var(--field); padding: .05em .25em; border-radius: 3px; }
pre { margin: .1rem 0 .6rem; padding: .5rem .6rem; background: var(--field); border-radius: 4px; white-space: pre-wrap; }
pre code { padding: 0; background: none; }
dl { margin: .5rem 0; }
dl div { display: grid; grid-template-columns: 9rem 1fr; gap: 0 .75rem; padding: .15rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
ul, ol { margin: .4rem 0; padding-left: 1.5rem; }
li { margin: .15rem 0; }
li ul { margin: .1rem 0; }
ul.todo { list-style: none; padding-left: 0; }
.box { display: inline-block; width: .8em; height: .8em; margin-right: .5em; border: 1.5px solid var(--soft); border-radius: 2px; vertical-align: -.05em; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.look { color: var(--look); }
@media (max-width: 32rem) { dl div { grid-template-columns: 1fr; padding: .3rem 0; } }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --field: #fff; --rule: #999; --good: #000; --bad: #000; --look: #000; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  pre, code { border: 1px solid var(--rule); }
  pre code { border: 0; }
  h1, h2, h3, p.what { break-after: avoid; }
  li, pre, dl div { break-inside: avoid; }
}
`;
