import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
} from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';

const wellKnown = [file_google_protobuf_struct, file_google_protobuf_wrappers].map(({ proto }) => proto);

/**
 * Completes descriptors for reflection. protobufjs writes them with relative names and without imports, from which clients
 * such as grpcurl cannot resolve a type.
 */
export function linkDescriptors(definitions: PackageDefinition): PackageDefinition {
  const files = new Map(wellKnown.map((file) => [file.name, file]));
  for (const definition of Object.values(definitions)) {
    if (!isMessage(definition)) continue;
    for (const bytes of definition.fileDescriptorProtos) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      if (file.package === 'google.protobuf' || files.has(file.name)) continue;
      nameMapEntries(file.messageType);
      files.set(file.name, file);
    }
  }
  const owners = new Map(
    [...files.values()].flatMap((file) => namesOf(file).map((name) => [name, file.name] as const)),
  );
  for (const file of files.values()) if (!wellKnown.includes(file)) link(file, owners);
  const fileDescriptorProtos = [...files.values()].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file)),
  );
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      isMessage(definition) ? { ...definition, fileDescriptorProtos } : definition,
    ]),
  );
}

function isMessage(
  definition: PackageDefinition[string],
): definition is Extract<PackageDefinition[string], { fileDescriptorProtos: Buffer[] }> {
  return Array.isArray(definition.fileDescriptorProtos);
}

/** An entry of the map `context_extensions` is a `ContextExtensionsEntry`; protobufjs forgets the capitals. */
function nameMapEntries(messages: readonly DescriptorProto[]): void {
  for (const { field, nestedType } of messages) {
    for (const entry of nestedType.filter(({ options }) => options?.mapEntry)) {
      const map = field.find(({ typeName }) => typeName.split('.').at(-1) === entry.name);
      if (!map) continue;
      const words = map.name.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
      entry.name = `${words.join('')}Entry`;
      map.typeName = entry.name;
    }
    nameMapEntries(nestedType);
  }
}

/** Full names of all types in a file. */
function namesOf(file: FileDescriptorProto): string[] {
  const within = (scope: string, messages: readonly DescriptorProto[]): string[] =>
    messages.flatMap((message) => {
      const name = `${scope}.${message.name}`;
      const enums = message.enumType.map((type) => `${name}.${type.name}`);
      return [name, ...enums, ...within(name, message.nestedType)];
    });
  return [...within(file.package, file.messageType), ...file.enumType.map(({ name }) => `${file.package}.${name}`)];
}

/** @param owners the file of each type, by full name */
function link(file: FileDescriptorProto, owners: ReadonlyMap<string, string>): void {
  const imports = new Set<string>();
  const resolve = (written: string, scope: string): string => {
    for (let at = scope; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const name = at === '' ? written.replace(/^\./, '') : `${at}.${written}`;
      const owner = owners.get(name);
      if (owner !== undefined) {
        if (owner !== file.name) imports.add(owner);
        return `.${name}`;
      }
      if (at === '') throw new Error(`The .proto files have no type ${written}.`);
    }
  };
  const linkMessages = (scope: string, messages: readonly DescriptorProto[]): void => {
    for (const message of messages) {
      const name = `${scope}.${message.name}`;
      for (const field of message.field) if (field.typeName) field.typeName = resolve(field.typeName, name);
      linkMessages(name, message.nestedType);
    }
  };
  linkMessages(file.package, file.messageType);
  for (const { method } of file.service) {
    for (const call of method) {
      call.inputType = resolve(call.inputType, file.package);
      call.outputType = resolve(call.outputType, file.package);
    }
  }
  file.dependency = [...imports];
}
