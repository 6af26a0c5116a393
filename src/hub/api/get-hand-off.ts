import { createRoute, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { toHtml } from '../../core/hand-off/document-html.ts';
import { toMarkdown } from '../../core/hand-off/document-markdown.ts';
import { handOffDocument } from '../../core/hand-off/hand-off-document.ts';
import { textKindSchema, textRequestSchema } from '../../wire/hand-off.ts';
import { FixTextAnswer, HandOffAnswer } from './answers.ts';
import type { Api, ApiParts } from './context.ts';
import { granted } from './fault.ts';
import { fixParams, json, problems } from './route.ts';

const MEDIA_TYPES = { json: 'application/json', md: 'text/markdown', html: 'text/html' } as const;

/** One value, and two pages of it. */
const pages = {
  description: 'What to test, by digest',
  content: {
    [MEDIA_TYPES.json]: { schema: HandOffAnswer },
    [MEDIA_TYPES.md]: { schema: z.string() },
    [MEDIA_TYPES.html]: { schema: z.string() },
  },
};

const handOff = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/hand-off',
  operationId: 'getHandOff',
  tags: ['fixes'],
  summary: 'What whoever tests a fix must know, bound to the digests; a page by Accept, or by ?as=',
  request: {
    params: fixParams,
    query: z.strictObject({
      line: z.string().min(1).max(255).optional(),
      as: z.enum(['json', 'md', 'html']).optional().openapi({ description: 'Wins over Accept.' }),
    }),
  },
  responses: { 200: pages, ...problems('fix-unknown', 'unknown-line') },
});

const textParams = fixParams.extend({ kind: textKindSchema });
const TEXT_PROBLEMS = ['fix-unknown', 'wrong-state', 'invalid'] as const;

const text = createRoute({
  method: 'get',
  path: '/api/fixes/{id}/texts/{kind}',
  operationId: 'getText',
  tags: ['fixes'],
  summary: 'A text of a fix from its record alone, in Markdown, by the template of this hub',
  request: { params: textParams },
  responses: { 200: json('The text', FixTextAnswer), ...problems(...TEXT_PROBLEMS) },
});

const textBy = createRoute({
  method: 'post',
  path: '/api/fixes/{id}/texts/{kind}',
  operationId: 'makeText',
  tags: ['fixes'],
  summary: 'The same by a template of yours, or with words allowed that name nobody. Changes nothing',
  request: { params: textParams, body: { content: { 'application/json': { schema: textRequestSchema } } } },
  responses: { 200: json('The text', FixTextAnswer), ...problems(...TEXT_PROBLEMS, 'too-large') },
});

export function getHandOff(api: Api, { desk }: ApiParts): void {
  api.openapi(handOff, async (c) => {
    const { line, as } = c.req.valid('query');
    const it = granted(await desk.handOff(c.req.valid('param').id, line === undefined ? {} : { line }));
    const type =
      as === undefined
        ? accepts(c, { header: 'Accept', supports: Object.values(MEDIA_TYPES), default: MEDIA_TYPES.json })
        : MEDIA_TYPES[as];
    const headers = { etag: `"${it.version}"`, vary: 'Accept' };
    if (type === MEDIA_TYPES.md)
      return c.body(toMarkdown(handOffDocument(it)), 200, {
        ...headers,
        'content-type': 'text/markdown; charset=utf-8',
      });
    if (type === MEDIA_TYPES.html) return c.html(toHtml(handOffDocument(it)), 200, headers);
    return c.json(it, 200, headers);
  });
  api.openapi(text, async (c) => {
    const { id, kind } = c.req.valid('param');
    return c.json(granted(await desk.text(id, { kind })), 200);
  });
  api.openapi(textBy, async (c) => {
    const { id, kind } = c.req.valid('param');
    const { template, allow = [] } = c.req.valid('json');
    const by = c.get('actor').name;
    const asked = {
      kind,
      ...(template !== undefined && { template }),
      ...(allow.length > 0 && { allowed: allow.map((word) => ({ word, by })) }),
    };
    return c.json(granted(await desk.text(id, asked)), 200);
  });
}
