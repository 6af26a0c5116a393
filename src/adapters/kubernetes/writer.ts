import type { KubeAnswer, KubePatch, KubeWriter } from '../../ports/kube.ts';
import { type Answer, ApiProblem, type Kube, type Question } from './client.ts';

const CONTENT_TYPES = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** Writes under one field manager. */
export function writerOn(kube: Kube, fieldManager: string): KubeWriter {
  const asked = async (question: Question, signal: AbortSignal): Promise<KubeAnswer> => {
    try {
      return answerOf(await kube.ask(question, signal));
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      return { outcome: 'away', because: problem.message };
    }
  };
  return {
    patch({ path, how, object, dryRun }: KubePatch, signal) {
      const query = new URLSearchParams({ fieldManager, ...(dryRun && { dryRun: 'All' }) });
      const body = how === 'apply' ? object : withoutKind(object);
      return asked(
        { method: 'PATCH', path: `${path}?${query}`, contentType: CONTENT_TYPES[how], body },
        signal,
      );
    },
    get: (path, signal) => asked({ path }, signal),
  };
}

/** A merge says what changes; the path says of which object. */
const withoutKind = ({ apiVersion: _, kind: __, ...rest }: Readonly<Record<string, unknown>>) => rest;

function answerOf({ status, body, retryAfterMs }: Answer): KubeAnswer {
  if (status >= 200 && status < 300) return { outcome: 'done', object: body };
  const because = `${status} ${String((body as { message?: string })?.message ?? '').slice(0, 1_000)}`;
  if (status === 409) return { outcome: 'conflict', because };
  if (status === 404) return { outcome: 'missing', because };
  // An expired token is renewed, a server that is busy or starts anew comes back.
  if (status === 401 || status === 408 || status === 429 || status >= 500)
    return { outcome: 'away', because, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return { outcome: 'refused', because };
}
