import { createRoute, z } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { PROBLEMS, type ProblemCode } from '../../wire/problems.ts';
import type { Api } from './context.ts';
import { Fault } from './fault.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { raw } from './route.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];
const isCode = (text: string): text is ProblemCode => Object.hasOwn(PROBLEMS, text);

const page = createRoute({
  method: 'get',
  path: '/docs/problems/{code}',
  operationId: 'getProblemPage',
  tags: ['docs'],
  security: [],
  summary: 'What a problem means and what ends it; `type` of a problem points here',
  request: { params: z.object({ code: z.string().openapi({ example: 'stale-version' }) }) },
  responses: { 200: raw('The page', 'text/html'), 404: { description: 'No such problem' } },
});

const list = createRoute({
  method: 'get',
  path: '/docs/problems',
  operationId: 'listProblemPages',
  tags: ['docs'],
  security: [],
  summary: 'All problems',
  responses: { 200: raw('The list', 'text/html') },
});

export function getProblemPages(api: Api): void {
  api.openapi(list, (c) => c.html(listHtml()));
  api.openapi(page, (c) => {
    const { code } = c.req.valid('param');
    if (!isCode(code)) {
      throw new Fault({ code: 'not-found', detail: `no such problem; all are listed at /docs/problems` });
    }
    return c.html(pageHtml(code));
  });
}

const shell = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body>${body}</body>
</html>
`;

function listHtml() {
  const rows = CODES.map(
    (code) => html`<li><a href="/docs/problems/${code}">${code}</a>: ${PROBLEMS[code].title}</li>\n`,
  );
  return shell('Problems', html`<h1>Problems</h1><ul>${rows}</ul>`);
}

function pageHtml(code: ProblemCode) {
  const { title, status, exit, whoMustAct } = PROBLEMS[code];
  const { means, next } = PROBLEM_TEXTS[code];
  return shell(
    title,
    html`<h1>${title}</h1>
<p><code>${code}</code> · HTTP ${status} · exit code ${exit} · who must act: ${whoMustAct}</p>
<p>${means}</p>
<p>${next}</p>
<p><a href="/docs/problems">All problems</a></p>`,
  );
}
