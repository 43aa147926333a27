import { peerText, readErrorCode } from '../peer-text.ts';
import { readJsonObject } from '../response-body.ts';
import { readSignatureRefusal } from './signature-refusal.ts';

/** What a peer said when it did not answer as it should. */
export interface PeerProblem {
  readonly status: number;
  /** Of `Signature-Error` or of the problem body; one short word. */
  readonly code: string | undefined;
  /** One sentence or more, with the peer's own detail. */
  readonly message: string;
  readonly cause: { readonly url: string; readonly status: number; readonly code: string | undefined };
}

/** Reads a response that is an error (RFC 9457; AAuth Protocol, "Error Response Format"). Whatever its body is, it yields a problem. */
export async function readPeerProblem(response: Response, peer: string): Promise<PeerProblem> {
  const { status, url } = response;
  const { error, detail } = (await readJsonObject(response)) ?? {};
  const code = readSignatureRefusal(response)?.code ?? readErrorCode(error);
  const said = typeof detail === 'string' ? `: ${peerText(detail)}` : '.';
  const message = `${peer} answered ${status}${code ? ` ${code}` : ''}${said}`;
  return { status, code, message, cause: { url, status, code } };
}
