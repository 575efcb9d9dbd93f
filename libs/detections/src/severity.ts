/** How bad it is, in the words of a person; Wazuh's levels 0..16 are derived from it. */
export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** From 3 on Wazuh writes an alert (log_alert_level), from 12 on it may send an e-mail; 15 is kept for confirmed chains of events. */
export const LEVEL_BY_SEVERITY: Readonly<Record<Severity, number>> = { info: 3, low: 5, medium: 8, high: 12, critical: 14 };
