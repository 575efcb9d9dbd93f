import type { Validity } from './certificate-content.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Ten years, as kubeadm gives its own authorities (kubernetes cmd/kubeadm/app/constants: CACertificateValidityPeriod): API servers
 * before 1.36 read the CA file only at start, so a new authority costs a restart of each.
 */
export const AUTHORITY_DAYS = 3_650;

/**
 * One year, as kubeadm gives its leaves: client certificate files are re-read every five minutes and the receiver reloads its own,
 * so renewal costs nothing. Longer would only make a stolen key worth more; shorter makes a forgotten renewal an outage of the audit trail.
 */
export const LEAF_DAYS = 365;

/** client-go's own certificates start an hour early too (util/cert/cert.go): control planes' clocks differ. */
const CLOCK_SKEW_MS = HOUR_MS;

/** @param days from now; never beyond `notAfterMs` of the issuer, because a chain is only as valid as its shortest link */
export function validityFrom(nowMs: number, days: number, issuer?: Validity): Validity {
  const notAfterMs = nowMs + days * DAY_MS;
  // Whole seconds: a certificate holds no smaller unit, and what we report must be what is signed.
  return {
    notBeforeMs: wholeSeconds(Math.max(nowMs - CLOCK_SKEW_MS, issuer?.notBeforeMs ?? Number.NEGATIVE_INFINITY)),
    notAfterMs: wholeSeconds(Math.min(notAfterMs, issuer?.notAfterMs ?? Number.POSITIVE_INFINITY)),
  };
}

/** Full days that are left; negative once it has ended. */
export function daysLeft(notAfterMs: number, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / DAY_MS);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
