const defaultLimit = 64 * 1024;

/**
 * Reads a response body as a JSON object, whatever its `Content-Type` says.
 *
 * @param limit bytes after which reading stops
 * @returns `undefined` when the body is missing, larger than `limit`, not JSON in UTF-8, or not an object
 * @throws what the stream throws when the connection breaks
 */
export async function readJsonObject(
  response: Response,
  limit = defaultLimit,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const bytes = await readBytes(response, limit);
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Lets go of a response that nobody will read, so that its connection can be used again. */
export async function discardBody(response: Response): Promise<void> {
  if (response.bodyUsed) return;
  await response.body?.cancel();
}

async function readBytes(response: Response, limit: number): Promise<Uint8Array | undefined> {
  if (!response.body) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
