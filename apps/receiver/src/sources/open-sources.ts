import { openLogSource } from './log-source.ts';
import type { Source, SourceContext } from './source.ts';
import type { SourcesSettings } from './sources-configuration.ts';
import { openStdinSource } from './stdin-source.ts';

/** Everything that is read rather than posted; the webhook is a listener (data-listener.ts) and opened with the others. */
export async function openSources({ logs, stdin }: SourcesSettings, context: SourceContext): Promise<readonly Source[]> {
  const sources: Source[] = [];
  try {
    for (const settings of logs) sources.push(await openLogSource(settings, context));
    if (stdin !== undefined) sources.push(openStdinSource(stdin, context));
    return sources;
  } catch (error) {
    await stopSources(sources);
    throw error;
  }
}

export async function stopSources(sources: readonly Source[]): Promise<void> {
  await Promise.all(sources.map((source) => source.stop()));
}

/** Resolves when no source can bring anything any more: never, where one always may. */
export function allEnded(sources: readonly Source[], hasWebhook: boolean): Promise<void> {
  const ended = sources.map((source) => source.ended ?? new Promise<void>(() => undefined));
  return hasWebhook || ended.length === 0 ? new Promise(() => undefined) : Promise.all(ended).then(() => undefined);
}
