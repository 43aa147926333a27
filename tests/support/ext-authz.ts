import { fileURLToPath } from 'node:url';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { RawRequest } from './raw-request.ts';

const directory = fileURLToPath(new URL('../../apps/resource-proxy/proto', import.meta.url));
const descriptors = loadSync('envoy/service/auth/v3/external_auth.proto', { includeDirs: [directory], keepCase: true });

/** What a gateway like Envoy is told about a request, with the names of its API. */
export async function checkAtAnotherGateway(request: RawRequest, context: Record<string, string>): Promise<object> {
  const service = descriptors['envoy.service.auth.v3.Authorization'];
  const method = service && typeof service.format !== 'string' ? service.Check : undefined;
  if (!method) throw new Error('The .proto files have no Authorization/Check.');
  const { host = '', ...headers } = request.headers;
  const length = request.body ? { 'content-length': String(Buffer.byteLength(request.body)) } : {};
  const http = {
    method: request.method,
    path: request.path,
    host: String(host),
    protocol: 'HTTP/1.1',
    headers: { ...headers, ...length },
    raw_body: Buffer.from(request.body ?? ''),
  };
  const message = { attributes: { request: { http }, context_extensions: context } };
  const client = new Client('127.0.0.1:7070', credentials.createInsecure());
  const { promise, resolve, reject } = Promise.withResolvers<object>();
  client.makeUnaryRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    message,
    new Metadata(),
    { deadline: Date.now() + 30_000 },
    (error: ServiceError | null, answer?: object) => (answer ? resolve(answer) : reject(error)),
  );
  return promise.finally(() => client.close());
}
