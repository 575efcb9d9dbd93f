/** A certificate as data: what is signed, whatever library signs it. */
export interface CertificateContent {
  /** In the order in which they stand in the certificate. */
  readonly subject: readonly SubjectAttribute[];
  readonly names: readonly AlternativeName[];
  readonly isAuthority: boolean;
  readonly keyUsages: readonly KeyUsage[];
  /** Empty: the extension is left out, and every purpose is allowed (the guide's certificate). */
  readonly purposes: readonly Purpose[];
  readonly validity: Validity;
  /** Hexadecimal, positive, at most 20 bytes (RFC 5280 4.1.2.2). */
  readonly serial: string;
}

export interface SubjectAttribute {
  readonly type: 'C' | 'ST' | 'L' | 'O' | 'OU' | 'emailAddress' | 'CN';
  readonly value: string;
}

export interface AlternativeName {
  readonly kind: 'dns' | 'ip' | 'uri';
  readonly value: string;
}

export type KeyUsage = 'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'dataEncipherment' | 'keyCertSign' | 'cRLSign';
export type Purpose = 'serverAuth' | 'clientAuth';

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Everything a signature needs. Key material is PEM (PKCS#8 and SPKI), so that either library can take it. */
export interface SigningJob {
  readonly content: CertificateContent;
  readonly publicKeyPem: string;
  readonly issuerPrivateKeyPem: string;
  /** Absent: self-signed, the subject is its own issuer. */
  readonly issuerCertificatePem?: string;
}

/** Returns the certificate as PEM. */
export type SignCertificate = (job: SigningJob) => Promise<string>;
