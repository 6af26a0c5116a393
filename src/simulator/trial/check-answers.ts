import { isDeepStrictEqual } from 'node:util';
import type { FixView } from '../../core/views/fix-view.ts';
import type { Acted, Problem } from '../../wire/api.ts';
import { type Terms, whyMiscounted } from './check-rows.ts';
import type { Call } from './people.ts';
import type { Story } from './story.ts';

/** Acts that only narrow what happens: nothing but the state of the fix may refuse them. */
const SAFE: ReadonlySet<string> = new Set(['pause', 'rollback', 'exclude']);
const FAIR = new Set([
  'wrong-state',
  'unknown-target',
  'not-allowed',
  'fix-unknown',
  'invalid',
  'storage-down',
]);

type AnswerCheck = (call: Call, story: Story, terms: Terms) => string[];

/** Checked for every answer of the API. */
export const ANSWER_CHECKS: Readonly<Record<string, AnswerCheck>> = {
  'no request fails in a way it must not': (call) =>
    call.status === 500 ? [`${call.what}: ${(call.body as Problem).detail}`] : [],

  'the safe direction is always open': ({ command, status, body, who }) => {
    if (command === undefined || !SAFE.has(command) || status < 400) return [];
    const { code } = body as Problem;
    return FAIR.has(code) ? [] : [`${who} could not ${command}: ${code}`];
  },

  'what is answered is on the ledger': ({ command, status, body, who }, story) => {
    if (command === undefined || (status !== 200 && status !== 202)) return [];
    const { fix, version } = body as Acted;
    const row = story.rows.find((r) => r.fix === fix && r.version === version);
    return row?.author === who ? [] : [`${who} was told that ${command} made version ${version} of ${fix}`];
  },

  'no answer holds a secret': ({ what, body }, _story, { secrets }) => {
    const text = JSON.stringify(body) ?? '';
    return secrets.some((secret) => text.includes(secret)) ? [`the answer to ${what} holds a secret`] : [];
  },

  'a screen shows what events explain': ({ what, status, body }, story, terms) => {
    if (status !== 200 || !/^GET \/api\/fixes\/FIX-\d+$/.test(what)) return [];
    const view = body as FixView;
    const moment = story.moments.get(view.id)?.[view.version - 1];
    if (moment === undefined) return [`${view.id} is shown at version ${view.version}, which nobody wrote`];
    const { brakes, isMoving } = moment;
    const told = { state: moment.state, paused: brakes.paused && isMoving, halted: brakes.halted };
    const shown = { state: view.state, paused: view.paused, halted: view.halted };
    return [
      ...(isDeepStrictEqual(shown, told)
        ? []
        : [
            `${view.id} is shown as ${JSON.stringify(shown)}, and its events make it ${JSON.stringify(told)}`,
          ]),
      ...whyMiscounted(view.coverage, { story, fix: view.id, at: view.at, terms }).map(
        (because) => `${view.id} is shown with a wrong coverage: ${because}`,
      ),
    ];
  },
};
