import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A real, self-signed certificate whose alternative names hold any Latin-1 text: what no honest library would write. */
export function signWithNames(names: readonly { readonly kind: 'dns' | 'uri'; readonly value: string }[]): X509Certificate {
  const general = names.map(({ kind, value }) => der(kind === 'dns' ? 0x82 : 0x86, Buffer.from(value, 'latin1')));
  const extension = der(0x30, der(0x06, Buffer.from('551d11', 'hex')), der(0x04, der(0x30, ...general)));
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const name = der(0x30);
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(0x30, der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('360101000000Z'))),
    name,
    KEYS.publicKey.export({ type: 'spki', format: 'der' }),
    ...(names.length > 0 ? [der(0xa3, der(0x30, extension))] : []),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, KEYS.privateKey));
  return new X509Certificate(der(0x30, content, ecdsaWithSha256, signature));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
