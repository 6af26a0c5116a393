import type { PullRequestRef } from '../core/proof/closing-item.ts';
import { LinkProblem, type Links, type PullRequestSeen } from './links.ts';

/** Addresses that are there, for tests: documents by address, pull requests by `host/owner/name#number`. */
export function memoryLinks(it: {
  readonly hosts: readonly string[];
  readonly pages?: Readonly<Record<string, string>>;
  readonly pulls?: Readonly<Record<string, PullRequestSeen>>;
}): Links & { readonly asked: string[] } {
  const asked: string[] = [];
  const allow = (host: string) => {
    if (!it.hosts.includes(host)) throw new LinkProblem('refused', `${host} is not allowed`, 'name it');
  };
  const keyOf = ({ host, repository, number }: PullRequestRef) => `${host}/${repository}#${number}`;
  return {
    asked,
    async page(address, seek) {
      const { protocol, host } = new URL(address);
      if (!/^https?:$/.test(protocol))
        throw new LinkProblem('refused', `${protocol} is not https:`, 'use https');
      allow(host);
      asked.push(address);
      const text = it.pages?.[address]?.toLowerCase();
      if (text === undefined) throw new LinkProblem('missing', `${host} answers 404`, 'check it', 404);
      return { status: 200, holds: seek.filter((one) => text.includes(one.toLowerCase())) };
    },
    async pullRequest(pull) {
      allow(pull.host);
      asked.push(keyOf(pull));
      const found = it.pulls?.[keyOf(pull)];
      if (found === undefined)
        throw new LinkProblem('missing', `there is no ${keyOf(pull)}`, 'check it', 404);
      return found;
    },
  };
}
