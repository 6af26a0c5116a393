import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { CommandRequest } from '../../src/wire/api.ts';
import { api, HubSilent } from './api.ts';

type Pressed = { readonly request: CommandRequest; readonly key: string; readonly seen: number | undefined };

/**
 * Sends acts on a fix. One press is one command under one key: a press that got no answer is sent again under
 * the same key, and further presses are the same press unless it was refused.
 */
export function useAct(fix: string) {
  const client = useQueryClient();
  const key = useRef<string>(undefined);
  const { mutate, ...acting } = useMutation({
    mutationFn: ({ request, key, seen }: Pressed) =>
      api.command(fix, request, seen === undefined ? { key } : { key, seen }),
    retry: (count, error) => error instanceof HubSilent && count < 2,
    retryDelay: 500,
    networkMode: 'always',
    onError: () => {
      key.current = undefined;
    },
    // Not awaited: the answer is shown at once, whatever the view takes to come.
    onSettled: () => void client.invalidateQueries({ queryKey: ['fix', fix] }),
  });
  /** `seen`: the version on the page; left out for what only narrows, which must hold whatever has happened. */
  const press = (request: CommandRequest, seen?: number): void => {
    if (key.current !== undefined) return;
    key.current = crypto.randomUUID();
    mutate({ request, key: key.current, seen });
  };
  return { ...acting, press };
}
