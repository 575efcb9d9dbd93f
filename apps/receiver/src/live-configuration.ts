import { isDeepStrictEqual } from 'node:util';
import { type Configuration, configurationPaths } from './configuration.ts';
import { needsCertificate } from './data-listener.ts';
import type { Logger } from './log.ts';
import { readTrust, type Trust } from './trust.ts';

/** What takes effect while the receiver runs. Everything else needs a restart, and is named when it changed. */
const LIVE = ['tls', 'tokens', 'migration', 'health', 'log.level'] as const;

export interface Reloaded {
  readonly changed: readonly string[];
  /** Changed in the file, and not in effect before a restart. */
  readonly restartNeeded: readonly string[];
}

/**
 * The configuration and the files that it names, as they are in effect. A reload takes all of what it reads or nothing: what cannot
 * be read, or does not fit together, leaves the old in place and is remembered as the reason why the receiver is not up to date.
 */
export class LiveConfiguration {
  #configuration: Configuration;
  #trust: Trust;
  #failure: { readonly detail: string; readonly sinceMs: number } | undefined;
  readonly counts = { reloaded: 0, failed: 0 };
  readonly #atStart: Configuration;
  readonly #read: () => Configuration;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #onReloaded: (() => void)[] = [];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(configuration: Configuration, trust: Trust, parts: LiveConfigurationParts) {
    this.#configuration = configuration;
    this.#atStart = configuration;
    this.#trust = trust;
    this.#read = parts.read ?? (() => configuration);
    this.#log = parts.log;
    this.#now = parts.now;
  }

  /** @throws {Failure} of the files that the configuration names */
  static async load(configuration: Configuration, parts: LiveConfigurationParts): Promise<LiveConfiguration> {
    return new LiveConfiguration(configuration, await readTrust(configuration, parts.now()), parts);
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  get trust(): Trust {
    return this.#trust;
  }

  /** Why the last reload did not take effect; undefined when it did. */
  get failure(): { readonly detail: string; readonly sinceMs: number } | undefined {
    return this.#failure;
  }

  onReloaded(listener: () => void): void {
    this.#onReloaded.push(listener);
  }

  /** Never throws: what went wrong is logged and kept in `failure`. One after another, however often it is called. */
  reload(reason: 'signal' | 'file-changed'): Promise<void> {
    const done = this.#last.then(() => this.#reload(reason));
    this.#last = done;
    return done;
  }

  async #reload(reason: string): Promise<void> {
    try {
      const read = this.#read();
      const next = withLiveKeys(this.#configuration, read);
      const trust = await readTrust(next, this.#now());
      const { changed, restartNeeded } = this.#compare(read, trust);
      this.#configuration = next;
      this.#trust = trust;
      this.#failure = undefined;
      this.counts.reloaded++;
      for (const listener of this.#onReloaded) listener();
      this.#log.info({ event: 'reloaded', reason, changed, restartNeeded });
    } catch (error) {
      const detail = (error as Error).message;
      this.#failure = { detail, sinceMs: this.#failure?.sinceMs ?? this.#now() };
      this.counts.failed++;
      this.#log.error({ event: 'reload-failed', reason, detail, effect: 'the former configuration stays in effect' });
    }
  }

  #compare(read: Configuration, trust: Trust): Reloaded {
    const isLive = (path: string): boolean => LIVE.some((live) => path === live || path.startsWith(`${live}.`));
    const changed = configurationPaths().filter((path) => !isDeepStrictEqual(valueAt(this.#configuration, path), valueAt(read, path)));
    // The listener was made to ask every client for a certificate: only a new one asks less.
    const asksLess = needsCertificate(this.#atStart) && !needsCertificate(trust);
    return {
      changed: changed.filter(isLive),
      restartNeeded: [
        ...changed.filter((path) => !isLive(path)),
        ...(asksLess ? ['tokens', 'migration'].filter((key) => read[key as 'tokens' | 'migration'] !== undefined) : []),
      ],
    };
  }
}

export interface LiveConfigurationParts {
  /** Reads the configuration file once more; without it only the files that it names are read again. */
  readonly read?: () => Configuration;
  readonly log: Logger;
  readonly now: () => number;
}

/** Every file whose change calls for a reload, the configuration itself aside. */
export function filesOf({ tls, tokens }: Pick<Configuration, 'tls' | 'tokens'>): readonly string[] {
  return [tls?.certificate, tls?.key, tls?.clientAuthority, tls?.crl, tls?.revoked, tokens].filter((file) => file !== undefined);
}

function withLiveKeys(current: Configuration, read: Configuration): Configuration {
  return {
    ...current,
    // From plain HTTP to TLS or back needs another listener.
    tls: current.tls === undefined || read.tls === undefined ? current.tls : read.tls,
    tokens: read.tokens,
    migration: read.migration,
    health: read.health,
    log: { ...current.log, level: read.log.level },
  };
}

function valueAt(configuration: Configuration, path: string): unknown {
  return path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], configuration);
}
