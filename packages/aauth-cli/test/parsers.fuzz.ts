import type { FuzzTargets } from '@aauth-stack/fuzz';
import { readCaptured } from '../src/captured/captured-request.ts';
import { CommandFailure } from '../src/command/failure.ts';

const raw = 'POST /a?b HTTP/1.1\r\nHost: a.example\r\nSignature: sig=:AA==:\r\nContent-Length: 2\r\n\r\n{}';
const json = '{"method":"GET","url":"https://a.example/","headers":[["a","b"]],"body":"x"}';
const har = `{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/","headers":[{"name":"a","value":"b"}],"postData":{"text":"x"}}}]}}`;

/** What people give the command that others have sent. */
export const targets: FuzzTargets = {
  'a captured request': {
    read: (text) => {
      try {
        readCaptured(Uint8Array.from(Buffer.from(text, 'latin1')));
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
      }
    },
    examples: [raw, json, har],
  },
};
