import { parseDatagram } from '@k8s-audit/wazuh-message';
import { digestDelivered, digestIssued, type IssueOptions, type IssueSeries, issueEvent, numberOf } from './issued-event.ts';

/** What became of the events, from the outside: what was acknowledged, what arrived, how often, and whether it was intact. */
export interface OracleFindings {
  readonly issued: number;
  readonly acknowledged: number;
  /** Different events that arrived. */
  readonly arrived: number;
  /** Datagrams that arrived, copies included. */
  readonly datagrams: number;
  /** Acknowledged and not arrived: I1. */
  readonly lost: readonly number[];
  /** Arrived in another form than issued: I3. */
  readonly altered: readonly number[];
  /** Arrived and never issued by this oracle, but for those announced with `expectForeign`. */
  readonly spurious: number;
  /** Arrived as announced with `expectForeign`. */
  readonly foreign: number;
  /** Datagrams beyond the first of an event. */
  readonly copies: number;
}

/**
 * Issues events whose payload follows from their number, and keeps account of them. It is the only judge of a fault run: it
 * knows nothing of the receiver but its answers and its datagrams.
 */
export class Oracle {
  readonly series: IssueSeries;
  readonly #options: Map<number, IssueOptions> = new Map();
  readonly #acknowledged: Set<number> = new Set();
  readonly #arrivals: Map<number, number> = new Map();
  readonly #altered: Set<number> = new Set();
  readonly #order: number[] = [];
  #next = 1;
  #datagrams = 0;
  #spurious = 0;
  #foreign = 0;
  #mayChange: (id: number) => boolean = () => false;
  #look: (datagram: Uint8Array, k8s: Readonly<Record<string, unknown>> | undefined) => void = () => undefined;
  #isForeign: (k8s: Readonly<Record<string, unknown>>) => boolean = () => false;

  constructor(series: IssueSeries) {
    this.series = series;
  }

  /** Numbers of new events. */
  issue(count: number, options: IssueOptions = {}): readonly number[] {
    return Array.from({ length: count }, () => {
      const id = this.#next++;
      if (options.bodyBytes !== undefined || options.stage !== undefined) this.#options.set(id, options);
      return id;
    });
  }

  event(id: number): Readonly<Record<string, unknown>> {
    return issueEvent(this.series, id, this.#options.get(id));
  }

  listOf(ids: readonly number[]): string {
    return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: ids.map((id) => this.event(id)) });
  }

  /** A 2xx came for them. */
  acknowledge(ids: readonly number[]): void {
    for (const id of ids) this.#acknowledged.add(id);
  }

  isAcknowledged(id: number): boolean {
    return this.#acknowledged.has(id);
  }

  /** Events that the receiver has leave to change: those that no datagram can hold. */
  allowChanges(mayChange: (id: number) => boolean): void {
    this.#mayChange = mayChange;
  }

  /** Events of others that may arrive as well: the receiver's own health, the row's hand-made ones. */
  expectForeign(isForeign: (k8s: Readonly<Record<string, unknown>>) => boolean): void {
    this.#isForeign = isForeign;
  }

  /** For rows that look at the datagrams themselves. */
  onDatagram(look: (datagram: Uint8Array, k8s: Readonly<Record<string, unknown>> | undefined) => void): void {
    this.#look = look;
  }

  /** A datagram as Wazuh would read it: `1:LOCATION:JSON`. */
  receive(datagram: Uint8Array): void {
    const k8s = wireEventOf(datagram);
    if (k8s === undefined || !isHealth(k8s)) this.#look(datagram, k8s);
    const id = k8s === undefined ? undefined : numberOf(this.series, String(k8s['auditID']));
    if (k8s === undefined || id === undefined || id >= this.#next || id < 1) {
      if (k8s !== undefined && isHealth(k8s)) return;
      if (k8s !== undefined && this.#isForeign(k8s)) this.#foreign++;
      else this.#spurious++;
      return;
    }
    this.#datagrams++;
    this.#arrivals.set(id, (this.#arrivals.get(id) ?? 0) + 1);
    this.#order.push(id);
    if (digestDelivered(k8s) !== digestIssued(this.event(id)) && !this.#mayChange(id)) this.#altered.add(id);
  }

  hasArrived(id: number): boolean {
    return this.#arrivals.has(id);
  }

  arrivalsOf(id: number): number {
    return this.#arrivals.get(id) ?? 0;
  }

  /** Numbers in the order of their arrival, copies included. */
  get order(): readonly number[] {
    return this.#order;
  }

  get datagrams(): number {
    return this.#datagrams;
  }

  get acknowledged(): ReadonlySet<number> {
    return this.#acknowledged;
  }

  findings(): OracleFindings {
    return {
      issued: this.#next - 1,
      acknowledged: this.#acknowledged.size,
      arrived: this.#arrivals.size,
      datagrams: this.#datagrams,
      lost: [...this.#acknowledged].filter((id) => !this.#arrivals.has(id)),
      altered: [...this.#altered],
      spurious: this.#spurious,
      foreign: this.#foreign,
      copies: this.#datagrams - this.#arrivals.size,
    };
  }
}

/** The wire event in a datagram; undefined when it is none. */
export function wireEventOf(datagram: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const message = parseDatagram(datagram);
  if (message === undefined) return undefined;
  try {
    const { k8s } = JSON.parse(message.log.toString()) as { readonly k8s?: Readonly<Record<string, unknown>> };
    return k8s;
  } catch {
    return undefined;
  }
}

/** The pipeline's own health events are no audit events. */
function isHealth(k8s: Readonly<Record<string, unknown>>): boolean {
  return k8s['health'] !== undefined;
}
