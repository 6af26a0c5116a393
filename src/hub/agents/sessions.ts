import { createHmac, createPublicKey, randomBytes, timingSafeEqual, verify } from 'node:crypto';
import { epochMs, type Instant, instantOf, MINUTE, type Ms } from '../../core/base/instant.ts';
import { SESSION_CONTEXT } from '../../wire/agent.ts';

/** How long an agent has to answer a challenge, by the hub's clock. */
const CHALLENGE_VALID_MS: Ms = MINUTE;
/** Counted from the challenge: the same answer to it gives the same token, not a longer one. */
const SESSION_VALID_MS: Ms = 15 * MINUTE;

/** Proofs that an agent holds its key. Nothing is kept: what was given out is recognised by its seal, by every hub. */
export type Sessions = {
  challenge(agent: string): string;
  /** Undefined when the challenge is not ours, not this agent's or over, or the signature is not of the key. */
  open(it: OpenSession): Session | undefined;
  /** Whose token this is; undefined when it is not ours or is over. It says nothing of revocation. */
  agentOf(token: string): string | undefined;
};
export type Session = { readonly token: string; readonly expiresAt: Instant };
export type OpenSession = {
  readonly agent: string;
  /** SPKI PEM, of the agent as it enrolled. */
  readonly publicKey: string;
  readonly challenge: string;
  readonly signature: string;
};

type Kind = 'challenge' | 'session';
type Sealed = { readonly agent: string; readonly endsAtMs: Ms; readonly nonce: string };

/** `secret`: at least 32 bytes that only the hubs of this fleet know. */
export function createSessions(from: { readonly secret: Buffer; readonly now: () => Instant }): Sessions {
  const { secret, now } = from;
  const nowMs = () => epochMs(now());
  return {
    challenge: (agent) =>
      seal(secret, 'challenge', {
        agent,
        endsAtMs: nowMs() + CHALLENGE_VALID_MS,
        nonce: randomBytes(16).toString('base64url'),
      }),
    open({ agent, publicKey, challenge, signature }) {
      const asked = unseal(secret, 'challenge', challenge);
      if (asked === undefined || asked.agent !== agent || asked.endsAtMs <= nowMs()) return undefined;
      if (!isSigned(publicKey, challenge, signature)) return undefined;
      const endsAtMs = asked.endsAtMs - CHALLENGE_VALID_MS + SESSION_VALID_MS;
      return { token: seal(secret, 'session', { ...asked, endsAtMs }), expiresAt: instantOf(endsAtMs) };
    },
    agentOf(token) {
      const session = unseal(secret, 'session', token);
      return session !== undefined && session.endsAtMs > nowMs() ? session.agent : undefined;
    },
  };
}

function isSigned(publicKey: string, challenge: string, signature: string): boolean {
  try {
    const text = Buffer.from(`${SESSION_CONTEXT}\n${challenge}`);
    return verify(null, text, createPublicKey(publicKey), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** The kind is under the seal: a challenge is never taken for a session. */
function seal(secret: Buffer, kind: Kind, { agent, endsAtMs, nonce }: Sealed): string {
  const payload = Buffer.from(JSON.stringify([kind, agent, endsAtMs, nonce])).toString('base64url');
  return `${payload}.${macOf(secret, payload).toString('base64url')}`;
}

function unseal(secret: Buffer, kind: Kind, text: string): Sealed | undefined {
  const [, payload, mac] = /^([\w-]{1,1000})\.([\w-]{43})$/.exec(text) ?? [];
  if (payload === undefined || mac === undefined) return undefined;
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(secret, payload);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [sealedKind, agent, endsAtMs, nonce] = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return sealedKind === kind ? { agent, endsAtMs, nonce } : undefined;
}

const macOf = (secret: Buffer, payload: string): Buffer =>
  createHmac('sha256', secret).update(payload).digest();
