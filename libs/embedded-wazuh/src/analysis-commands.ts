/** What is asked on queue/sockets/analysis (wazuh v4.14.7 src/analysisd/asyscom.c): numbers, rules to be read anew, settings. */

export interface AnalysisBackEnd {
  readonly statistics: () => object;
  /** Reads the rules anew; `refused`: the old ones stay. */
  readonly reloadRules: () => Promise<{ readonly kind: 'reloaded' | 'refused'; readonly messages: readonly string[] }>;
  readonly settings: { readonly alertLevel: number; readonly writesArchives: boolean };
  readonly nowMs: () => number;
}

const OK = { error: 0, message: 'ok' };

export async function answerAnalysisRequest(request: string, backEnd: AnalysisBackEnd): Promise<string> {
  return JSON.stringify(await answer(parse(request), backEnd));
}

async function answer(request: Record<string, unknown> | undefined, backEnd: AnalysisBackEnd): Promise<object> {
  if (request === undefined) return { error: 2, message: 'Invalid JSON input', data: {} };
  const parameters = request['parameters'];
  switch (request['command']) {
    case 'getstats':
      return { ...OK, data: backEnd.statistics() };
    case 'getagentsstats':
      // It has no agents.
      return { ...OK, data: { timestamp: Math.floor(backEnd.nowMs() / 1000), name: 'wazuh-analysisd', agents: [] } };
    case 'reload-ruleset': {
      const { kind, messages } = await backEnd.reloadRules();
      return { ...(kind === 'reloaded' ? OK : { error: 1, message: 'due' }), data: messages };
    }
    case 'getconfig':
      if (typeof parameters !== 'object' || parameters === null) return { error: 5, message: 'Empty parameters', data: {} };
      return sectionOf((parameters as Record<string, unknown>)['section'], backEnd);
    default:
      return typeof request['command'] === 'string'
        ? { error: 4, message: 'Unrecognized command', data: {} }
        : { error: 3, message: 'Empty command', data: {} };
  }
}

function sectionOf(section: unknown, { settings }: AnalysisBackEnd): object {
  switch (section) {
    case 'global':
      return {
        ...OK,
        data: { global: { jsonout_output: 'yes', alerts_log: 'no', logall: 'no', logall_json: settings.writesArchives ? 'yes' : 'no' } },
      };
    case 'alerts':
      return { ...OK, data: { alerts: { email_alert_level: 12, log_alert_level: settings.alertLevel } } };
    default:
      return typeof section === 'string'
        ? { error: 7, message: 'Unrecognized or not configured section', data: {} }
        : { error: 6, message: 'Empty section', data: {} };
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return undefined;
  }
}
