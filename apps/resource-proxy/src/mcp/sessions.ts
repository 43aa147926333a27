import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Sessions of an endpoint with several targets. Any replica with the same secret knows them, since they name themselves. */
export interface McpSessions {
  open(owner: string): string;
  /** Whether a session is of this endpoint and this owner. */
  isOpen(id: string, owner: string): boolean;
}

/** @param secret shared by the replicas */
export function createMcpSessions(secret: string, endpoint: string): McpSessions {
  const key = createHmac('sha256', secret).update('mcp-session').digest();
  const mac = (nonce: string, owner: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([endpoint, owner, nonce]))
      .digest('base64url');
  return {
    open(owner) {
      const nonce = randomBytes(16).toString('base64url');
      return `${nonce}.${mac(nonce, owner)}`;
    },
    isOpen(id, owner) {
      const [nonce = '', received = ''] = id.split('.');
      const expected = Buffer.from(mac(nonce, owner));
      const given = Buffer.from(received);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
