import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const strict = createAdmission({ allowLoopback: false });
const development = createAdmission({ allowLoopback: true });

describe('W19: admission of addresses', () => {
  it.each(['93.184.216.34', '1.1.1.1', '172.15.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'admits %s',
    (address) => {
      expect(strict.refuseAddress('ap.example', address)).toBeUndefined();
    },
  );

  it.each([
    ['this network', '0.0.0.0'],
    ['private', '10.1.2.3'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['documentation', '203.0.113.9'],
    ['benchmarking', '198.19.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-mapped', '::ffff:10.0.0.1'],
    ['IPv4-mapped public', '::ffff:93.184.216.34'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['Teredo', '2001::1'],
    ['documentation', '2001:db8::1'],
    ['6to4', '2002:a00:1::1'],
    ['unique local', 'fd00::1'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['no address', 'ap.example'],
  ])('refuses %s: %s', (_, address) => {
    expect(strict.refuseAddress('ap.example', address)).toContain(address);
    expect(development.refuseAddress('ap.example', address)).toContain(address);
  });

  it('refuses every private IPv4 address in its IPv6 disguises too', () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(byte, byte, byte, (b, c, d) => {
        const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
        for (const prefix of ['::ffff:', '64:ff9b::', '::']) {
          expect(strict.refuseAddress('ap.example', `${prefix}${hex(10, b)}:${hex(c, d)}`)).toBeDefined();
        }
        expect(strict.refuseAddress('ap.example', `10.${b}.${c}.${d}`)).toBeDefined();
      }),
    );
  });

  it('admits what is configured, by block or by host, and nothing beside it', () => {
    const admission = createAdmission({
      allowLoopback: false,
      allowPrivate: ['10.2.0.0/16', 'fd00::/8', 'AP.internal'],
    });
    expect(admission.refuseAddress('ap.example', '10.2.3.4')).toBeUndefined();
    expect(admission.refuseAddress('ap.example', 'fd00::1')).toBeUndefined();
    expect(admission.refuseAddress('ap.internal', '192.168.0.1')).toBeUndefined();
    expect(admission.refuseAddress('ap.example', '10.3.0.1')).toBeDefined();
    expect(admission.refuseAddress('x.ap.internal', '192.168.0.1')).toBeDefined();
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'x/8', '10.0.0.0/'])('refuses to start with the block %s', (block) => {
    expect(() => createAdmission({ allowLoopback: false, allowPrivate: [block] })).toThrow(TypeError);
  });
});

describe('admission of URLs', () => {
  it.each(['https://ap.example/x', 'https://93.184.216.34/', 'https://[2606:4700::1111]/'])('admits %s', (url) => {
    expect(strict.refuseUrl(new URL(url))).toBeUndefined();
  });

  it.each([
    'http://ap.example/',
    'ftp://ap.example/',
    'file:///etc/passwd',
    'https://user:secret@ap.example/',
    'https://10.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'http://localhost:1/',
    'https://ap.localhost/',
    'http://127.0.0.1:1/',
  ])('refuses %s', (url) => {
    expect(strict.refuseUrl(new URL(url))).toBeTypeOf('string');
  });

  it('admits loopback by name, with http and a port, where that is allowed', () => {
    for (const url of ['http://localhost:1/', 'http://ap.localhost:1/', 'http://127.0.0.1:1/', 'http://[::1]:1/']) {
      expect(development.refuseUrl(new URL(url))).toBeUndefined();
    }
    expect(development.refuseUrl(new URL('http://ap.example/'))).toBeTypeOf('string');
    expect(development.refuseAddress('rebound.example', '127.0.0.1')).toBeTypeOf('string');
    expect(development.refuseAddress('ap.localhost', '127.0.0.1')).toBeUndefined();
    expect(development.refuseAddress('ap.localhost', '10.0.0.1')).toBeTypeOf('string');
  });

  it('admits private addresses behind *.localhost, and behind nothing else, where DNS answers for those names', () => {
    const compose = createAdmission({ allowLoopback: true, localhostDns: true });
    for (const address of ['172.20.0.5', '10.0.0.1', '192.168.0.9', '127.0.0.1', 'fd00::2']) {
      expect(compose.refuseAddress('agent-provider.localhost', address)).toBeUndefined();
      expect(compose.refuseAddress('agent-provider', address)).toBeTypeOf('string');
    }
    expect(compose.refuseAddress('agent-provider.localhost', '169.254.169.254')).toBeTypeOf('string');
    expect(compose.refuseAddress('agent-provider.localhost', '93.184.216.34')).toBeTypeOf('string');
  });
});
